//! The function as it was written, its body unread.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, ExprLit, FnArg, Ident, Lit, Meta, Signature, Visibility};

use crate::expand::located;

/// A function whose body stays raw tokens, so that half-typed code still gets help.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: Group,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            signature: input.parse()?,
            body: input.parse()?,
        })
    }
}

impl Function {
    /// The function's name, without the `r#` of a raw identifier.
    pub(crate) fn name(&self) -> String {
        self.signature.ident.unraw().to_string()
    }

    /// The conditions every emitted item stands under.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|it| it.path().is_ident("cfg"))
    }

    /// What callers read: the documentation, and whether the function is deprecated.
    pub(crate) fn notices(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|it| is_notice(it))
    }

    /// The lint levels. An expectation becomes a permission, for it would be met once but
    /// stands on several items.
    pub(crate) fn lint_levels(&self) -> impl Iterator<Item = Attribute> {
        self.attributes.iter().filter(|it| is_lint_level(it)).cloned().map(|mut level| {
            if let Meta::List(list) = &mut level.meta
                && list.path.is_ident("expect")
            {
                list.path = Ident::new("allow", located(&list.path)).into();
            }
            level
        })
    }

    /// The attributes that speak of the body alone: instruments and the like.
    pub(crate) fn body_attributes(&self) -> impl Iterator<Item = &Attribute> {
        let elsewhere =
            |it: &Attribute| it.path().is_ident("cfg") || is_notice(it) || is_lint_level(it);
        self.attributes.iter().filter(move |it| !elsewhere(it))
    }

    /// The doc comment as one text.
    pub(crate) fn documentation(&self) -> Option<String> {
        let lines: Vec<_> = self.attributes.iter().filter_map(doc_line).collect();
        let text = lines.join("\n").trim().to_owned();
        Some(text).filter(|text| !text.is_empty())
    }

    /// The signature as plain Rust, without the attributes only flowkit knows.
    pub(crate) fn plain_signature(&self) -> Signature {
        let mut signature = self.signature.clone();
        for parameter in &mut signature.inputs {
            if let FnArg::Typed(parameter) = parameter {
                parameter.attrs.retain(|it| !is_ours(it));
            }
        }
        signature
    }

    /// 16 hexadecimal digits that change with the signature or the body, and with no layout.
    pub(crate) fn source_version(&self) -> String {
        const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        let mut hash = OFFSET;
        hash_tokens(self.signature.to_token_stream(), &mut hash);
        hash_tokens(self.body.stream(), &mut hash);
        format!("{hash:016x}")
    }
}

/// Whether a parameter's attribute is one of `#[resource]` and `#[default]`.
pub(crate) fn is_ours(attribute: &Attribute) -> bool {
    attribute.path().is_ident("resource") || attribute.path().is_ident("default")
}

fn is_notice(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc") || attribute.path().is_ident("deprecated")
}

fn is_lint_level(attribute: &Attribute) -> bool {
    const LEVELS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];
    LEVELS.iter().any(|level| attribute.path().is_ident(level))
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else {
        return None;
    };
    match &meta.value {
        Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) if meta.path.is_ident("doc") => {
            let line = line.value();
            Some(line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned())
        }
        _ => None,
    }
}

/// Folds tokens one by one: how a stream prints differs between compilers, a token does not.
fn hash_tokens(tokens: TokenStream, hash: &mut u64) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                hash_text(&format!("{:?}", group.delimiter()), hash);
                hash_tokens(group.stream(), hash);
                hash_text("end", hash);
            }
            leaf => hash_text(&leaf.to_string(), hash),
        }
    }
}

/// FNV-1a, with a zero byte behind each text.
fn hash_text(text: &str, hash: &mut u64) {
    const PRIME: u64 = 0x0100_0000_01b3;
    for byte in text.bytes().chain([0]) {
        *hash = (*hash ^ u64::from(byte)).wrapping_mul(PRIME);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(code: &str) -> Function {
        syn::parse_str(code).unwrap()
    }

    #[test]
    fn source_version_sees_code_and_no_layout() {
        let version = |code: &str| function(code).source_version();
        let load = version("fn load(n: u8) -> u8 { n + 1 }");

        assert_eq!(load, "c31892f209158e47");
        assert_eq!(load, version("/// Docs.\npub fn load(n:u8)->u8{n+1}"));
        assert_ne!(load, version("fn load(n: u8) -> u8 { n + 2 }"));
        assert_ne!(load, version("fn load(n: u16) -> u8 { n + 1 }"));
        assert_ne!(version("fn f() { (a) b }"), version("fn f() { (a b) }"));
    }

    #[test]
    fn documentation_is_one_trimmed_text() {
        let documentation = |code: &str| function(code).documentation();

        assert_eq!(documentation("fn load() {}"), None);
        assert_eq!(documentation("///\nfn load() {}"), None);
        let code = "/// Loads.  \n///\n/// * all\n///   of it\n#[inline] fn load() {}";
        assert_eq!(documentation(code).unwrap(), "Loads.\n\n* all\n  of it");
    }
}
