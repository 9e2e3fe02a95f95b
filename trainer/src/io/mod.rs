//! The machine under everything: devices to compute on, threads, files that are whole or not there, run folders, model files, the log.

pub mod archive;
pub mod denormals;
pub mod device;
pub mod files;
pub mod hash;
pub mod log;
pub mod model_file;
pub mod run_folder;
