//! Servers that count, the program with everything it needs around it, and what stands between them.

pub mod books;
pub mod counting_server;
pub mod disk_image;
pub mod identity;
pub mod interposer;
pub mod program;
pub mod recording;
pub mod wire;
pub mod zoo_server;
