use burn::prelude::Device;
use shared::finish::*;
use shared::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let painter = Painter::from_bytes(&std::fs::read(&args[1]).unwrap(), &Device::flex()).unwrap();
    let (mode, out) = (&args[2], &args[3]);
    let captions: Vec<&String> = args[5..].iter().collect();
    let cell: usize = args[4].parse().unwrap();
    let finishes: Vec<(u64, Finish)> = if mode == "looks" {
        LOOKS.iter().map(|l| (3, l.finish())).collect()
    } else {
        let from: u64 = mode.parse().unwrap();
        (from..from + 16).map(|s| (s, Finish::from_seed(s))).collect()
    };
    let (w, h) = (finishes.len() * cell, captions.len() * cell);
    let mut sheet = vec![235u8; w * h * 3];
    for (row, caption) in captions.iter().enumerate() {
        for (col, (seed, finish)) in finishes.iter().enumerate() {
            let style = painter.style_from_seed(*seed);
            let (drawn, _) = pollster::block_on(painter.arrangement(caption, &style)).unwrap();
            let t = std::time::Instant::now();
            let f = finish.apply(&drawn, cell, None);
            let a = t.elapsed();
            let pic = f.render(cell);
            eprintln!("{caption} {finish}: {:?} + {:?}", a, t.elapsed() - a);
            for y in 0..cell {
                for x in 0..cell {
                    let p = &pic.bytes[(y * cell + x) * 4..][..4];
                    for c in 0..3 {
                        let at = ((row * cell + y) * w + col * cell + x) * 3 + c;
                        sheet[at] = ((p[c] as u32 * p[3] as u32 + sheet[at] as u32 * (255 - p[3] as u32)) / 255) as u8;
                    }
                }
            }
        }
    }
    image::save_buffer(out, &sheet, w as u32, h as u32, image::ExtendedColorType::Rgb8).unwrap();
}
