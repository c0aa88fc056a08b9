//! Names for runs that were given none: two words, easy to say and to find again.

use crate::chance::random_below;

#[rustfmt::skip]
const FIRST: &[&str] = &[
    "able", "amber", "apt", "bold", "brave", "bright", "brisk", "calm", "candid", "cheerful",
    "clear", "clever", "copper", "coral", "cosy", "crisp", "curious", "daring", "deft", "eager",
    "early", "earnest", "easy", "fair", "famous", "fast", "fearless", "fine", "fluent", "fond",
    "fresh", "gentle", "giddy", "glad", "golden", "good", "grand", "green", "handy", "happy",
    "hardy", "hazel", "honest", "humble", "ivory", "jolly", "keen", "kind", "light", "lively",
    "loyal", "lucky", "lunar", "merry", "mighty", "mild", "misty", "modest", "neat", "nimble",
    "noble", "olive", "patient", "plucky", "polite", "prime", "proud", "quick", "quiet", "rapid",
    "ready", "rosy", "royal", "ruby", "rustic", "sage", "sandy", "serene", "sharp", "shiny",
    "silent", "silver", "smart", "snowy", "solar", "solid", "spry", "steady", "still", "stout",
    "sunny", "swift", "tidy", "true", "trusty", "vivid", "warm", "wise", "witty", "zesty",
];

#[rustfmt::skip]
const SECOND: &[&str] = &[
    "acorn", "antelope", "badger", "bear", "beaver", "bee", "bison", "buzzard", "camel", "cedar",
    "chamois", "cheetah", "cicada", "clover", "comet", "condor", "coyote", "crab", "crane", "cricket",
    "crow", "deer", "dolphin", "dove", "dragonfly", "duck", "eagle", "egret", "elk", "falcon",
    "fern", "ferret", "finch", "firefly", "fox", "gazelle", "gecko", "goose", "hare", "harrier",
    "hawk", "hazelnut", "hedgehog", "heron", "horse", "ibex", "iguana", "jackal", "jay", "kestrel",
    "kingfisher", "koala", "lark", "lemur", "leopard", "lizard", "llama", "lynx", "magpie", "mallard",
    "maple", "marlin", "marmot", "marten", "mole", "moose", "newt", "nuthatch", "oak", "ocelot",
    "osprey", "otter", "owl", "panda", "panther", "pelican", "penguin", "pike", "plover", "puffin",
    "quail", "rabbit", "raven", "robin", "salmon", "seal", "sparrow", "squirrel", "starling", "stork",
    "swallow", "swan", "tern", "thrush", "tiger", "toad", "trout", "walrus", "wolf", "wren",
];

/// Makes a name like `brave-otter`.
pub(crate) fn two_words() -> String {
    format!("{}-{}", FIRST[random_below(FIRST.len())], SECOND[random_below(SECOND.len())])
}
