//! What a function must not be, and what its parameters and its result must be.

use quote::ToTokens;
use syn::{Attribute as Written, Ident, Meta, Pat, Result, Signature as Plain, Type};

use super::refusal;
use crate::attribute::Attribute;
use crate::flaw::Flaw;
use crate::rejection::Rejections;
use crate::signature::{Role, ungrouped};

/// More parameters than this are clearer as a struct.
const MOST_PARAMETERS: usize = 12;

/// What stands before, around or behind the parameters of any of our functions.
pub(crate) fn form(attribute: Attribute, plain: &Plain) -> Rejections {
    let too_many = plain.inputs.iter().nth(MOST_PARAMETERS);
    let checks = [
        (
            plain.constness.to_token_stream(),
            "cannot be `const`: drop the word, it runs when it is called",
        ),
        (plain.safety.to_token_stream(), "cannot be `unsafe`: put the unsafe block into its body"),
        (plain.abi.to_token_stream(), "cannot be `extern`: drop the ABI, it is called from Rust"),
        (plain.generics.params.to_token_stream(), "cannot be generic: name the types it works on"),
        (
            plain.generics.where_clause.to_token_stream(),
            "takes no `where` clause: name the types it works on",
        ),
        (
            plain.receiver().to_token_stream(),
            "is a free function: take what it needs of `self` as parameters",
        ),
        (
            plain.variadic.to_token_stream(),
            "takes a fixed number of parameters: take the rest as a `Vec`",
        ),
        (too_many.to_token_stream(), "takes at most 12 parameters: group some of them in a struct"),
    ];
    let present = checks.into_iter().filter(|(tokens, _)| !tokens.is_empty());
    present
        .map(|(tokens, rule)| refusal(tokens, format!("a {} {rule}", attribute.thing())))
        .collect()
}

/// A main function is started by the system, which hands it nothing.
pub(crate) fn no_parameters(plain: &Plain) -> Result<()> {
    if plain.inputs.is_empty() {
        return Ok(());
    }
    let sentence = "a main function takes no parameters: read them from `std::env::args`";
    Err(refusal(&plain.inputs, sentence))
}

/// The plain name of a parameter.
pub(crate) fn parameter_name(pattern: &Pat) -> Result<Ident> {
    match pattern {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
            Ok(name.ident.clone())
        }
        _ => Err(refusal(
            pattern,
            "a parameter has a plain name, by which runs show it: take the value apart in the body",
        )),
    }
}

/// What the attributes of a parameter make of it.
pub(crate) fn parameter_role(attributes: &[Written]) -> Result<Role> {
    let mut role = Role::Input;
    for attribute in attributes {
        let Some(next) = role_of(&attribute.meta)? else {
            continue;
        };
        if !matches!(role, Role::Input) {
            let sentence = "a parameter carries `#[resource]` or `#[default(…)]`, and only once";
            return Err(refusal(attribute, sentence));
        }
        role = next;
    }
    Ok(role)
}

fn role_of(meta: &Meta) -> Result<Option<Role>> {
    let sentence = match meta {
        Meta::Path(path) if path.is_ident("resource") => return Ok(Some(Role::Resource)),
        Meta::List(list) if list.path.is_ident("default") && !list.tokens.is_empty() => {
            return list.parse_args().map(|value| Some(Role::Defaulted(value)));
        }
        _ if meta.path().is_ident("resource") => "`#[resource]` stands alone, without a value",
        _ if meta.path().is_ident("default") => "a default is in parentheses: `#[default(10)]`",
        _ if meta.path().is_ident("cfg") => {
            "put `#[cfg]` on the function: a parameter is always there"
        }
        _ => return Ok(None),
    };
    Err(refusal(meta, sentence))
}

/// A parameter is an owned value, or one plain reference to it.
pub(crate) fn parameter_type(ty: &Type) -> Result<()> {
    let Type::Reference(reference) = ungrouped(ty) else {
        return owned_parameter(ty);
    };
    if let Some(mutable) = &reference.mutability {
        let sentence = "a parameter is not borrowed mutably: take the value and return it changed";
        return Err(refusal(mutable, sentence));
    }
    if let Some(lifetime) = &reference.lifetime {
        let sentence = "drop the lifetime: a parameter is borrowed for as long as the body runs";
        return Err(refusal(lifetime, sentence));
    }
    if let Type::TraitObject(object) = ungrouped(&reference.elem) {
        let sentence = "a trait object is shared by its owner: take an `Arc<dyn Trait>`";
        return Err(refusal(object, sentence));
    }
    owned_parameter(&reference.elem)
}

fn owned_parameter(ty: &Type) -> Result<()> {
    Err(match Flaw::of(ty) {
        None => return Ok(()),
        Some(Flaw::Reference(inner)) => refusal(
            inner,
            "a reference stands first in a parameter's type: own what is inside, as in `Option<String>`",
        ),
        Some(Flaw::Lifetime(lifetime)) => refusal(
            lifetime,
            "a parameter's type has no lifetime but `'static`: take the type that owns the value",
        ),
        Some(Flaw::Impl(unnamed)) => {
            refusal(unnamed, "a parameter's type has a name: write it instead of `impl Trait`")
        }
    })
}

/// What a run returns outlives it.
pub(crate) fn return_type(attribute: Attribute, ty: &Type) -> Result<()> {
    let noun = attribute.noun();
    Err(match Flaw::of(ty) {
        None => return Ok(()),
        Some(Flaw::Reference(borrow)) => refusal(
            borrow,
            format!("a {noun} returns what it owns: `String` for `&str`, `Vec<T>` for `&[T]`"),
        ),
        Some(Flaw::Lifetime(lifetime)) => refusal(
            lifetime,
            format!("a {noun} returns what it owns: a type with no lifetime but `'static`"),
        ),
        Some(Flaw::Impl(unnamed)) => refusal(
            unnamed,
            format!("a {noun} returns a type with a name, such as `Vec<T>` for an iterator"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use crate::attribute::Attribute::{Flow, Main, Task};
    use crate::testing::refusal;

    #[test]
    fn const_is_refused() {
        assert_eq!(
            refusal(Task, "", "const fn load() {}"),
            "a task cannot be `const`: drop the word, it runs when it is called"
        );
    }

    #[test]
    fn unsafe_is_refused() {
        assert_eq!(
            refusal(Flow, "", "unsafe fn load() {}"),
            "a flow cannot be `unsafe`: put the unsafe block into its body"
        );
    }

    #[test]
    fn extern_is_refused() {
        assert_eq!(
            refusal(Task, "", r#"extern "C" fn load() {}"#),
            "a task cannot be `extern`: drop the ABI, it is called from Rust"
        );
    }

    #[test]
    fn generics_are_refused() {
        let sentence = "a task cannot be generic: name the types it works on";
        assert_eq!(refusal(Task, "", "fn load<T>(rows: T) {}"), sentence);
        assert_eq!(refusal(Task, "", "fn load<const N: usize>() {}"), sentence);
    }

    #[test]
    fn where_clause_is_refused() {
        assert_eq!(
            refusal(Task, "", "fn load(rows: Rows) where Rows: Clone {}"),
            "a task takes no `where` clause: name the types it works on"
        );
    }

    #[test]
    fn receiver_is_refused_and_the_method_kept() {
        let sentence = "a task is a free function: take what it needs of `self` as parameters";
        assert_eq!(refusal(Task, "", "fn load(&self) {}"), sentence);
        assert_eq!(refusal(Task, "", "fn load(self: Arc<Self>, day: Date) {}"), sentence);
    }

    #[test]
    fn variadic_is_refused() {
        assert_eq!(
            refusal(Task, "", "fn load(day: Date, rest: ...) {}"),
            "a task takes a fixed number of parameters: take the rest as a `Vec`"
        );
    }

    #[test]
    fn thirteenth_parameter_is_refused() {
        let parameters = (0..13).map(|place| format!("p{place}: u8,")).collect::<String>();
        assert_eq!(
            refusal(Task, "", &format!("fn load({parameters}) {{}}")),
            "a task takes at most 12 parameters: group some of them in a struct"
        );
    }

    #[test]
    fn pattern_is_refused() {
        let sentence = "a parameter has a plain name, by which runs show it: take the value apart \
                        in the body";
        assert_eq!(refusal(Task, "", "fn load((a, b): (u8, u8)) {}"), sentence);
        assert_eq!(refusal(Task, "", "fn load(_: u8) {}"), sentence);
        assert_eq!(refusal(Task, "", "fn load(ref a: u8) {}"), sentence);
    }

    #[test]
    fn parameter_attributes_are_checked() {
        let load = |parameter: &str| refusal(Task, "", &format!("fn load({parameter}) {{}}"));

        assert_eq!(
            load("#[resource(shared)] http: Client"),
            "`#[resource]` stands alone, without a value"
        );
        let default = "a default is in parentheses: `#[default(10)]`";
        assert_eq!(load("#[default] limit: u32"), default);
        assert_eq!(load("#[default()] limit: u32"), default);
        assert_eq!(load("#[default = 10] limit: u32"), default);
        assert_eq!(
            load("#[cfg(unix)] limit: u32"),
            "put `#[cfg]` on the function: a parameter is always there"
        );
        let once = "a parameter carries `#[resource]` or `#[default(…)]`, and only once";
        assert_eq!(load("#[resource] #[default(10)] limit: u32"), once);
        assert_eq!(load("#[default(1)] #[default(2)] limit: u32"), once);
    }

    #[test]
    fn parameter_types_are_checked() {
        let load = |parameter: &str| refusal(Task, "", &format!("fn load({parameter}) {{}}"));

        assert_eq!(
            load("rows: &mut Rows"),
            "a parameter is not borrowed mutably: take the value and return it changed"
        );
        assert_eq!(
            load("name: &'static str"),
            "drop the lifetime: a parameter is borrowed for as long as the body runs"
        );
        assert_eq!(
            load("#[resource] http: &dyn Http"),
            "a trait object is shared by its owner: take an `Arc<dyn Trait>`"
        );
        let inside = "a reference stands first in a parameter's type: own what is inside, as in \
                      `Option<String>`";
        assert_eq!(load("name: Option<&str>"), inside);
        assert_eq!(load("names: &[&str]"), inside);
        assert_eq!(load("pair: (u8, Vec<&u8>)"), inside);
        assert_eq!(
            load("name: Cow<'_, str>"),
            "a parameter's type has no lifetime but `'static`: take the type that owns the value"
        );
        let unnamed = "a parameter's type has a name: write it instead of `impl Trait`";
        assert_eq!(load("name: impl Into<String>"), unnamed);
        assert_eq!(load("names: Vec<impl Into<String>>"), unnamed);
    }

    #[test]
    fn return_types_are_checked() {
        let load = |returned: &str| refusal(Flow, "", &format!("fn load() -> {returned} {{}}"));

        assert_eq!(
            load("Result<&str, Error>"),
            "a flow returns what it owns: `String` for `&str`, `Vec<T>` for `&[T]`"
        );
        assert_eq!(
            load("Cow<'_, str>"),
            "a flow returns what it owns: a type with no lifetime but `'static`"
        );
        assert_eq!(
            load("impl Iterator<Item = u8>"),
            "a flow returns a type with a name, such as `Vec<T>` for an iterator"
        );
    }

    #[test]
    fn main_takes_nothing() {
        assert_eq!(
            refusal(Main, "", "fn main(arguments: Vec<String>) {}"),
            "a main function takes no parameters: read them from `std::env::args`"
        );
        assert_eq!(
            refusal(Main, "", "async fn main<T>() {}"),
            "a main function cannot be generic: name the types it works on"
        );
    }
}
