//! What some options ask of the inputs: a run's name, a cache key, a check. One closure each.
//!
//! ```text
//! Input:
//!     #[task(run_name = "fetch-{url}")]
//!
//! Output:
//!     Extras { run_name: Some(|(url, _)| format!("fetch-{0}", peek(url))), ..Extras::none() }
//! ```

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::{ExprPath, LitStr};

use crate::call;
use crate::expand::{Tracked, located, moved};
use crate::signature::Parameter;
use crate::value::{CacheKey, Value};

pub(crate) fn value(tracked: &Tracked) -> TokenStream {
    let (library, span) = (&tracked.library, tracked.span());
    let fields = [
        ("run_name", run_name(tracked)),
        ("cache_key", cache_key(tracked)),
        ("validate", validate(tracked)),
    ];
    let given = fields.into_iter().filter_map(|(field, closure)| {
        let field = format_ident!("{field}");
        closure.map(|closure| quote_spanned!(span=> #field: ::core::option::Option::Some(#closure)))
    });
    let given: Vec<_> = given.collect();
    let none = quote_spanned!(span=> #library::__private::Extras::none());
    if given.is_empty() {
        return none;
    }
    quote_spanned!(span=> #library::__private::Extras { #(#given,)* ..#none })
}

fn run_name(tracked: &Tracked) -> Option<TokenStream> {
    let Value::Template(template) = tracked.options.value("run_name")? else {
        return None;
    };
    let inputs: Vec<_> = tracked.signature.inputs().collect();
    let shown = template.names.iter().map(|name| inputs.iter().find(|it| it.label() == *name));
    let shown: Vec<_> = shown.collect::<Option<_>>()?;
    let span = located(&template.literal);
    let pattern = call::pattern(tracked, |it| shown.iter().any(|shown| shown.name == it.name));
    let values = shown.iter().map(|it| peek(tracked, it, span));
    let format = LitStr::new(&template.format, span);
    Some(quote_spanned!(span=> |#pattern| ::std::format!(#format #(, #values)*)))
}

fn cache_key(tracked: &Tracked) -> Option<TokenStream> {
    let Value::CacheKey(CacheKey::Own(path)) = tracked.options.value("cache_key")? else {
        return None;
    };
    Some(over_inputs(tracked, path, "cache_key"))
}

fn validate(tracked: &Tracked) -> Option<TokenStream> {
    let path = tracked.options.path("validate")?;
    Some(over_inputs(tracked, path, "validate"))
}

/// A closure that hands every input to the user's function, and what that says to the library.
fn over_inputs(tracked: &Tracked, path: &ExprPath, tell: &str) -> TokenStream {
    let library = &tracked.library;
    let (tell, span) = (format_ident!("{tell}"), located(path));
    let pattern = call::pattern(tracked, |it| !it.is_resource());
    let inputs = tracked.signature.inputs().map(|it| peek(tracked, it, span));
    quote_spanned!(span=>
        |#pattern| #library::__private::#tell(#path(#(#inputs),*))
    )
}

fn peek(tracked: &Tracked, parameter: &Parameter, span: Span) -> TokenStream {
    let library = moved(&tracked.library, span);
    let name = moved(&parameter.name, span);
    quote_spanned!(span=> #library::__private::peek(#name))
}

#[cfg(test)]
mod tests {
    use crate::attribute::Attribute::{Flow, Task};
    use crate::testing::{contains, emits, expanded};

    const FETCH: &str = "async fn fetch(url: &str, limit: u32, #[resource] http: Client) {}";

    #[test]
    fn run_name_looks_at_its_parameters() {
        let snippet = "run_name: ::core::option::Option::Some(|(url, _, _,)| \
                       ::std::format!(\"fetch-{0:>5}-{{}}\", ::flowkit::__private::peek(url)))";
        assert!(emits(Task, r#"run_name = "fetch-{url:>5}-{{}}""#, FETCH, snippet));
    }

    #[test]
    fn own_cache_key_sees_all_inputs_and_no_resource() {
        let snippet = "|(url, limit, _,)| ::flowkit::__private::cache_key(own(\
                       ::flowkit::__private::peek(url), ::flowkit::__private::peek(limit)))";
        assert!(emits(Task, "cache_key = own", FETCH, snippet));
        assert!(emits(Task, "cache_key = own", FETCH, "..::flowkit::__private::Extras::none()"));
    }

    #[test]
    fn validation_sees_all_inputs() {
        let snippet = "::flowkit::__private::validate(checks::sound(\
                       ::flowkit::__private::peek(url), ::flowkit::__private::peek(limit)))";
        assert!(emits(Flow, "validate = checks::sound", FETCH, snippet));
    }

    #[test]
    fn wrong_run_name_leaves_the_rest_usable() {
        let file = expanded(Task, r#"run_name = "{nobody}", retries = 3"#, FETCH);

        assert!(contains(&file, "::flowkit::__private::Extras::none()"));
        assert!(contains(&file, ".retries(3)"));
    }
}
