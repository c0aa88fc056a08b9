//! Reads the value of one option.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::token::{Bracket, Paren};
use syn::{ExprPath, Ident, Lit, LitBool, LitInt, LitStr, Token, bracketed, parenthesized};

use crate::duration;
use crate::shape::Shape;
use crate::valid::option as valid;
use crate::value::CacheKey;

/// The place of a value; what cannot be read there is refused in the words of its shape.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) shape: Shape,
    pub(crate) key: &'a Ident,
    pub(crate) input: ParseStream<'a>,
}

impl Reader<'_> {
    pub(crate) fn literal<T: Parse>(&self) -> syn::Result<T> {
        let here = self.here();
        self.input.parse().map_err(|_| self.refusal(here))
    }

    pub(crate) fn texts(&self) -> syn::Result<TokenStream> {
        let texts = self.list(|item| item.literal::<LitStr>())?;
        Ok(quote!(&[#(#texts),*]))
    }

    pub(crate) fn paths(&self) -> syn::Result<Vec<ExprPath>> {
        if self.input.peek(Bracket) {
            self.list(|item| item.literal())
        } else {
            Ok(vec![self.literal()?])
        }
    }

    pub(crate) fn switch(&self) -> syn::Result<TokenStream> {
        let switch = self.literal::<LitBool>()?;
        Ok(quote!(#switch))
    }

    pub(crate) fn count(&self, least: u32) -> syn::Result<TokenStream> {
        let literal = self.literal::<LitInt>()?;
        let count = literal.base10_parse().ok();
        let count = count.filter(|count| *count >= least);
        let count = count.ok_or_else(|| self.refusal(literal.span()))?;
        let count = Literal::u32_unsuffixed(count);
        Ok(quote!(#count))
    }

    pub(crate) fn factor(&self) -> syn::Result<TokenStream> {
        let literal = self.literal::<Lit>()?;
        let factor = match &literal {
            Lit::Float(number) => number.base10_parse().ok(),
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        };
        let factor = factor.filter(|factor: &f64| *factor >= 0.0 && factor.is_finite());
        let factor = factor.ok_or_else(|| self.refusal(literal.span()))?;
        let factor = Literal::f64_unsuffixed(factor);
        Ok(quote!(#factor))
    }

    /// A duration that must not be zero.
    pub(crate) fn time(&self) -> syn::Result<TokenStream> {
        let (literal, nanoseconds) = self.duration()?;
        let nanoseconds = valid::longer_than_zero(nanoseconds, self.key, &literal)?;
        Ok(duration::tokens(nanoseconds))
    }

    /// A word of a closed list: the variant of the enum `family` it stands for.
    pub(crate) fn choice(&self, family: &str, variants: &[&str]) -> syn::Result<TokenStream> {
        let word = self.literal::<Ident>()?;
        let variant = variants.iter().find(|variant| word == variant.to_lowercase());
        let variant = variant.ok_or_else(|| self.refusal(word.span()))?;
        let (family, variant) = (format_ident!("{family}"), format_ident!("{variant}"));
        Ok(quote!(#family::#variant))
    }

    pub(crate) fn delay(&self) -> syn::Result<TokenStream> {
        if self.input.peek(LitStr) {
            let delay = duration::tokens(self.duration()?.1);
            return Ok(quote!(Delay::Fixed(#delay)));
        }
        if self.input.peek(Ident) {
            return self.exponential();
        }
        let here = self.here();
        let delays = self.list(|item| item.duration().map(|(_, nanoseconds)| nanoseconds))?;
        let delays = valid::some_delays(delays, here)?;
        let delays = delays.into_iter().map(duration::tokens);
        Ok(quote!(Delay::List(&[#(#delays),*])))
    }

    pub(crate) fn cache_key(&self) -> syn::Result<CacheKey> {
        let here = self.here();
        let paths = self.paths()?;
        let words = paths.iter().map(|path| quote!(#path).to_string());
        let words = words.collect::<Vec<_>>();
        match *words.iter().map(String::as_str).collect::<Vec<_>>() {
            ["inputs"] => Ok(CacheKey::Inputs),
            ["source"] => Ok(CacheKey::Source),
            ["inputs", "source"] | ["source", "inputs"] => Ok(CacheKey::InputsAndSource),
            [_] => Ok(CacheKey::Own(paths[0].clone())),
            _ => Err(self.refusal(here)),
        }
    }

    /// `exponential("1s")` or `exponential("1s", max = "1m")`.
    fn exponential(&self) -> syn::Result<TokenStream> {
        let word = self.literal::<Ident>()?;
        if word != "exponential" || !self.input.peek(Paren) {
            return Err(self.refusal(word.span()));
        }
        let content;
        parenthesized!(content in self.input);
        self.within(&content, |inside| {
            let (literal, first) = inside.duration()?;
            valid::longer_than_zero(first, self.key, &literal)?;
            let max = inside.max(first)?;
            let first = duration::tokens(first);
            Ok(quote!(Delay::Exponential { first: #first, max: #max }))
        })
    }

    /// `, max = "1m"` as an option of a duration; nothing is none.
    fn max(&self, first: u64) -> syn::Result<TokenStream> {
        if self.input.is_empty() {
            return Ok(quote!(::core::option::Option::None));
        }
        self.literal::<Token![,]>()?;
        let here = self.here();
        if self.literal::<Ident>()? != "max" {
            return Err(self.refusal(here));
        }
        self.literal::<Token![=]>()?;
        let (literal, max) = self.duration()?;
        let max = duration::tokens(valid::room_to_grow(first, max, &literal)?);
        if !self.input.is_empty() {
            return Err(self.refusal(self.here()));
        }
        Ok(quote!(::core::option::Option::Some(#max)))
    }

    /// A duration of any length in nanoseconds, and where it is written.
    fn duration(&self) -> syn::Result<(LitStr, u64)> {
        let literal = self.literal::<LitStr>()?;
        match duration::parse(&literal.value()) {
            Ok(nanoseconds) => Ok((literal, nanoseconds)),
            Err(sentence) => Err(syn::Error::new(literal.span(), sentence)),
        }
    }

    fn list<T>(&self, item: impl Fn(&Reader<'_>) -> syn::Result<T>) -> syn::Result<Vec<T>> {
        if !self.input.peek(Bracket) {
            return Err(self.refusal(self.here()));
        }
        let content;
        bracketed!(content in self.input);
        self.within(&content, |inside| {
            let mut items = Vec::new();
            while !content.is_empty() {
                items.push(item(inside)?);
                if !content.is_empty() {
                    inside.literal::<Token![,]>()?;
                }
            }
            Ok(items)
        })
    }

    /// Reads what is between brackets, and over the rest of it when that fails.
    fn within<T>(
        &self,
        content: ParseStream<'_>,
        read: impl FnOnce(&Reader<'_>) -> syn::Result<T>,
    ) -> syn::Result<T> {
        let outcome = read(&Reader { shape: self.shape, key: self.key, input: content });
        if outcome.is_err() {
            content.parse::<TokenStream>()?;
        }
        outcome
    }

    /// Where the next token is; at the end, where the option is.
    fn here(&self) -> Span {
        if self.input.is_empty() { self.key.span() } else { self.input.span() }
    }

    fn refusal(&self, span: Span) -> syn::Error {
        self.shape.refusal(self.key, span)
    }
}
