//! Our view of the function: what goes in, and what comes out.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{
    Expr, FnArg, GenericArgument, Ident, PatType, PathArguments, ReturnType, Type, TypePath,
    parse_quote_spanned,
};

use crate::attribute::Attribute;
use crate::expand::located;
use crate::function::Function;
use crate::rejection::Rejections;
use crate::valid;

/// The function's parameters and result, as a task or a flow sees them.
pub(crate) struct Signature {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) returns: Returns,
}

/// One parameter.
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    /// The type a call hands over; for a borrowed parameter the owner of what is borrowed.
    pub(crate) owned: Type,
    /// Whether the body takes a reference to it.
    pub(crate) borrowed: bool,
    pub(crate) role: Role,
}

/// What a parameter is to the run.
pub(crate) enum Role {
    /// An input that every call gives.
    Input,
    /// An input with a value for calls that give none.
    Defaulted(Expr),
    /// A tool of the body: not stored, not compared, not shown.
    Resource,
}

/// What the function returns.
pub(crate) enum Returns {
    Nothing,
    Plain(Type),
    Fallible(Type),
}

impl Signature {
    /// The view, or nothing when the function cannot be a task or a flow.
    pub(crate) fn read(
        attribute: Attribute,
        function: &Function,
        rejections: &mut Rejections,
    ) -> Option<Self> {
        let signature = &function.signature;
        let mut found = valid::function::form(attribute, signature);
        let parameters = signature.inputs.iter().filter_map(|parameter| match parameter {
            FnArg::Receiver(_) => None,
            FnArg::Typed(parameter) => found.keep(Parameter::read(parameter)),
        });
        let parameters = parameters.collect();
        let returns = found.keep(Returns::read(attribute, &signature.output));
        let sound = found.is_empty();
        rejections.append(found);
        returns.filter(|_| sound).map(|returns| Self { parameters, returns })
    }

    /// The parameters that are part of what a run is told.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|it| !it.is_resource())
    }
}

impl Parameter {
    fn read(parameter: &PatType) -> syn::Result<Self> {
        let name = valid::function::parameter_name(&parameter.pat)?;
        let role = valid::function::parameter_role(&parameter.attrs)?;
        valid::function::parameter_type(&parameter.ty)?;
        let (owned, borrowed) = match ungrouped(&parameter.ty) {
            Type::Reference(reference) => (owner(&reference.elem), true),
            owned => (owned.clone(), false),
        };
        Ok(Self { name, owned, borrowed, role })
    }

    pub(crate) fn is_resource(&self) -> bool {
        matches!(self.role, Role::Resource)
    }

    /// The name as users read it.
    pub(crate) fn label(&self) -> String {
        self.name.unraw().to_string()
    }

    /// The call of the function on `owner` that makes the default.
    pub(crate) fn default(&self, owner: &Ident) -> Option<TokenStream> {
        let function = self.default_function();
        match self.role {
            Role::Defaulted(_) => Some(quote!(#owner::#function())),
            Role::Input | Role::Resource => None,
        }
    }

    pub(crate) fn default_function(&self) -> Ident {
        format_ident!("default_{}", self.name)
    }

    /// How the body is handed the parameter.
    pub(crate) fn argument(&self) -> TokenStream {
        let name = &self.name;
        if self.borrowed { quote!(&#name) } else { quote!(#name) }
    }
}

impl Returns {
    fn read(attribute: Attribute, output: &ReturnType) -> syn::Result<Self> {
        let ReturnType::Type(_, written) = output else {
            return Ok(Self::Nothing);
        };
        valid::function::return_type(attribute, written)?;
        let last = match ungrouped(written) {
            Type::Path(path) => path.path.segments.last(),
            _ => None,
        };
        let returned = (**written).clone();
        if last.is_some_and(|last| last.ident.to_string().ends_with("Result")) {
            Ok(Self::Fallible(returned))
        } else {
            Ok(Self::Plain(returned))
        }
    }

    /// What a successful run leaves behind.
    pub(crate) fn output(&self, library: &TokenStream) -> TokenStream {
        match self {
            Self::Nothing => quote!(()),
            Self::Plain(written) => quote!(#written),
            Self::Fallible(written) => match value_of_result(written) {
                Some(value) => quote!(#value),
                None => quote_spanned!(located(written)=>
                    <#written as #library::__private::Fallible>::Ok
                ),
            },
        }
    }
}

/// The first type of what is called `Result` and nothing else, so that docs show it as written.
fn value_of_result(written: &Type) -> Option<&Type> {
    let Type::Path(path) = ungrouped(written) else {
        return None;
    };
    let last = path.path.segments.last().filter(|last| last.ident == "Result")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(value) => Some(value),
        _ => None,
    }
}

/// The type that owns what a reference to `borrowed` points to.
fn owner(borrowed: &Type) -> Type {
    match ungrouped(borrowed) {
        Type::Slice(slice) => {
            let item = &slice.elem;
            parse_quote_spanned!(located(slice)=> ::std::vec::Vec<#item>)
        }
        other => match plain_path(other).as_deref() {
            Some("str") => parse_quote_spanned!(located(other)=> ::std::string::String),
            Some("Path" | "path::Path" | "std::path::Path") => {
                parse_quote_spanned!(located(other)=> ::std::path::PathBuf)
            }
            _ => other.clone(),
        },
    }
}

/// The path of a type without arguments.
fn plain_path(ty: &Type) -> Option<String> {
    let Type::Path(TypePath { qself: None, path, .. }) = ty else {
        return None;
    };
    let plain = path.segments.iter().all(|segment| segment.arguments.is_none());
    let names = path.segments.iter().map(|segment| segment.ident.to_string());
    plain.then(|| names.collect::<Vec<_>>().join("::"))
}

/// The type without the invisible or visible brackets around it.
pub(crate) fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        _ => ty,
    }
}
