//! What the attributes refuse, and in which words.

#[test]
fn every_refusal_is_one_sentence_at_its_place() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
