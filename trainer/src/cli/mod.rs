//! The command lines of both programs. A command is put together here from what the other rooms do; nothing else is worked out here.

mod check;
mod config;
mod eval;
mod export;
mod lab;
mod paint;
mod program;
mod read;
mod recipe;
mod report;
mod train;
mod trainer;

pub use lab::lab;
pub use program::start;
pub use trainer::trainer;
