use burn::prelude::Device;
use shared::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let painter = Painter::from_bytes(&std::fs::read(&args[1]).unwrap(), &Device::flex()).unwrap();
    let style = painter.style_from_seed(3);
    let l = pollster::block_on(painter.layers(&args[2], &style)).unwrap();
    let n = l.side();
    for k in 0..l.count() {
        println!("layer {k} colour {:?}", &l.colours()[k * 9..k * 9 + 3]);
        for y in 0..14 {
            println!("{}", (0..20).map(|x| format!("{:6.1}", l.fields()[(k * n + y) * n + x])).collect::<String>());
        }
    }
}
