//! The program `reverify`: see the library's documentation for how it works.

fn main() {}
