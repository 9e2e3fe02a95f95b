// Emblem and onnxruntime-web in one page, in turns, on the same weights, captions and styles. Evaluates to what `main.rs` writes down.
// DEVICE, LOADS, ROUNDS and PICTURES are filled in there.
(async () => {
  const { Painter } = await import("/emblem.js");
  const ort = await import("/contest/ort.DEVICE.min.mjs");
  // One thread each: more need headers that few servers send.
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = "/contest/";
  const inputs = await (await fetch("/contest/inputs.json")).json();

  const emblem = {
    start: () => Painter.load("/models/emblem.safetensors", { device: "DEVICE" === "wasm" ? "cpu" : "DEVICE" }),
    stop: (painter) => painter.dispose(),
    async draw(painter, { caption, z }) {
      const { imageData } = await painter.paint(caption, { style: z });
      return imageData.data;
    },
  };
  const peer = {
    start: () => ort.InferenceSession.create("/contest/model.onnx", { executionProviders: ["DEVICE"] }),
    stop: (session) => session.release(),
    async draw(session, { e, z }) {
      const of = (values) => new ort.Tensor("float32", Float32Array.from(values), [1, values.length]);
      const { picture } = await session.run({ e: of(e), z: of(z) });
      return pixels(picture);
    },
  };

  /** [1, 3, size, size] from -1 to 1, to RGBA. */
  function pixels({ data, dims }) {
    const area = dims[2] * dims[3];
    const rgba = new Uint8ClampedArray(4 * area).fill(255);
    for (let channel = 0; channel < 3; channel++) {
      for (let at = 0; at < area; at++) rgba[4 * at + channel] = (data[channel * area + at] + 1) * 127.5;
    }
    return rgba;
  }

  /** Milliseconds a picture, over `count` of them: the clock here is too coarse for one. */
  async function turn(contestant, running, count) {
    const begun = performance.now();
    for (let index = 0; index < count; index++) await contestant.draw(running, inputs[index % inputs.length]);
    return (performance.now() - begun) / count;
  }

  /** How far a contestant's pictures are from the golden ones, in levels of 255. */
  async function off(contestant, running) {
    let most = 0;
    for (const input of inputs) {
      const rgba = await contestant.draw(running, input);
      input.rgb.forEach((level, index) => {
        most = Math.max(most, Math.abs(level - rgba[4 * Math.floor(index / 3) + (index % 3)]));
      });
    }
    return most;
  }

  const contestants = [emblem, peer];
  const first = [[], []];
  for (let round = 0; round < LOADS; round++) {
    for (const [index, contestant] of contestants.entries()) {
      const begun = performance.now();
      const running = await contestant.start();
      await contestant.draw(running, inputs[0]);
      // The first round fetches; the later ones find everything in the browser's caches.
      if (round) first[index].push(performance.now() - begun);
      await contestant.stop(running);
    }
  }
  const running = [await emblem.start(), await peer.start()];
  const levelsOff = [await off(emblem, running[0]), await off(peer, running[1])];
  const draw = [[], []];
  for (let round = -1; round < ROUNDS; round++) {
    for (const [index, contestant] of contestants.entries()) {
      const ms = await turn(contestant, running[index], PICTURES);
      if (round >= 0) draw[index].push(ms);
    }
  }
  return { versions: ["Emblem", `onnxruntime-web ${ort.env.versions.web}`], levelsOff, first, draw };
})()
