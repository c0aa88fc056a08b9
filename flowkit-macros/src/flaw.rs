//! What keeps a type from being stored, handed on and read back: borrows and missing names.

use syn::punctuated::Punctuated;
use syn::{GenericArgument, Lifetime, PathArguments, Token, Type, TypeImplTrait, TypeReference};

/// The part of a type that does not own what it holds, or that has no name.
#[derive(Clone, Copy)]
pub(crate) enum Flaw<'a> {
    Reference(&'a TypeReference),
    Lifetime(&'a Lifetime),
    Impl(&'a TypeImplTrait),
}

impl<'a> Flaw<'a> {
    /// The first flaw of the type, if it has one.
    pub(crate) fn of(ty: &'a Type) -> Option<Self> {
        match ty {
            Type::Reference(reference) => match &reference.lifetime {
                Some(lifetime) if lifetime.ident == "static" => Self::of(&reference.elem),
                _ => Some(Self::Reference(reference)),
            },
            Type::ImplTrait(unnamed) => Some(Self::Impl(unnamed)),
            Type::Array(array) => Self::of(&array.elem),
            Type::Group(group) => Self::of(&group.elem),
            Type::Paren(paren) => Self::of(&paren.elem),
            Type::Slice(slice) => Self::of(&slice.elem),
            Type::Tuple(tuple) => tuple.elems.iter().find_map(Self::of),
            Type::Path(path) => path
                .path
                .segments
                .iter()
                .filter_map(|segment| match &segment.arguments {
                    PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
                    _ => None,
                })
                .find_map(Self::of_arguments),
            _ => None,
        }
    }

    fn of_arguments(arguments: &'a Punctuated<GenericArgument, Token![,]>) -> Option<Self> {
        arguments.iter().find_map(|argument| match argument {
            GenericArgument::Type(ty) => Self::of(ty),
            GenericArgument::Lifetime(lifetime) if lifetime.ident != "static" => {
                Some(Self::Lifetime(lifetime))
            }
            _ => None,
        })
    }
}
