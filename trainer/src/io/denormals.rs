//! Numbers below `f32`'s normal range (denormals, less than 1.2e-38) are taken as zero in every thread that computes.
//!
//! A weight that gradients no longer reach leaves means in Adam that shrink with each step, and after some thousand of them are denormal.
//! Processors compute with those in microcode, tens of times slower: a judge's training fell from 7.3 steps a second to 2.9. Zero does as
//! well there, since the step that they would make is far below a weight's last bit.
//!
//! The mode is a register of each thread's own, and new threads have the usual one on some systems. Those that compute are the main thread
//! and rayon's pool, which burn's CPU backend uses, too. Rust itself assumes the usual mode where it computes constants ahead of time;
//! such a constant keeps its denormals, which does no harm here.

use std::thread;

use rayon::ThreadPoolBuilder;

/// Threads that the system has refused.
#[derive(Debug, thiserror::Error)]
#[error(
    "the threads to compute with cannot be started ({0}); let this user have more, or ask for fewer with RAYON_NUM_THREADS=1"
)]
pub struct ThreadsError(#[from] rayon::ThreadPoolBuildError);

/// Sets up rayon's pool and does `work`, all with denormals taken as zero. To be called once, before anything else uses that pool.
///
/// # Errors
/// [`ThreadsError`] where the pool's threads cannot be started.
pub fn taken_as_zero<T>(work: impl FnOnce() -> T) -> Result<T, ThreadsError> {
    let start = |worker: rayon::ThreadBuilder| thread::Builder::new().spawn(|| in_this_thread(|| worker.run())).map(drop);
    ThreadPoolBuilder::new().spawn_handler(start).build_global()?;
    Ok(in_this_thread(work))
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use no_denormals::no_denormals as in_this_thread;

/// Other processors are left as they are.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn in_this_thread<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[cfg(all(test, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests {
    use std::hint::black_box;
    use std::process::Command;

    use burn::prelude::*;

    use super::*;

    const SMALLEST_NORMAL: f32 = f32::MIN_POSITIVE;
    const SMALLEST: f32 = f32::from_bits(1);

    /// Whether this thread makes zero of a denormal result, and of a denormal that it is given. Compared as bits: a comparison would take
    /// a denormal as zero, too.
    fn takes_as_zero() -> [bool; 2] {
        [black_box(SMALLEST_NORMAL) * 0.5, black_box(SMALLEST) * black_box(1e30)].map(|product| product.to_bits() == 0)
    }

    /// Rayon's pool is set up once in a process, and in this one other tests use it; so the check runs in a process of its own.
    #[test]
    fn every_thread_that_computes_takes_denormals_as_zero() {
        let (_, here) = module_path!().split_once("::").unwrap();
        let alone = ["--exact", &format!("{here}::alone_in_its_process"), "--ignored", "--nocapture"];
        let output = Command::new(std::env::current_exe().unwrap()).args(alone).env("RAYON_NUM_THREADS", "5").output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    }

    #[test]
    #[ignore = "sets up rayon's pool; run by the test above"]
    fn alone_in_its_process() {
        assert_eq!(takes_as_zero(), [false; 2], "as a thread begins");
        taken_as_zero(|| {
            assert_eq!(takes_as_zero(), [true; 2], "the main thread");
            assert_eq!(rayon::broadcast(|_| takes_as_zero()), [[true; 2]; 5], "the pool's");
            // What burn computes, whichever of its threads that is done in: element by element, and as a product of matrices.
            let small = Tensor::<2>::full([700, 700], SMALLEST_NORMAL, &Device::flex());
            let halves = Tensor::<2>::eye(700, &Device::flex()) * 0.5;
            for product in [small.clone() * 0.5, small.clone().matmul(halves), small.sum_dim(1) * 1e-3] {
                let denormal = product.into_data().iter::<f32>().filter(|value| value.to_bits() != 0).count();
                assert_eq!(denormal, 0, "denormal results");
            }
        })
        .unwrap();
        assert_eq!(takes_as_zero(), [false; 2], "the mode is put back");
    }

    #[test]
    fn a_pool_that_cannot_be_set_up_is_told() {
        rayon::current_num_threads();
        let refused = taken_as_zero(|| ()).unwrap_err().to_string();
        assert!(refused.contains("RAYON_NUM_THREADS"), "{refused}");
    }
}
