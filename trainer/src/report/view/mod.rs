//! What a person sees while training, and how they stop it: a dashboard on a terminal, plain lines anywhere else.

mod dashboard;
mod pace;
mod plain;
mod progress;
mod shown;
mod stop;

pub use pace::{StageExtent, duration};
pub use progress::Progress;
pub use shown::View;
pub use stop::{Leave, Stop};
