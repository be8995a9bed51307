// Run a click graph in onnxruntime-web: node click.mjs GRAPH FOLDER
// FOLDER/inputs.json lists name, type and shape of each input; its numbers are in FOLDER/NAME.bin.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as ort from "onnxruntime-web";

const [graph, folder] = process.argv.slice(2);
ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(readFileSync(graph), { executionProviders: ["wasm"] });

const feeds = {};
for (const { name, type, shape } of JSON.parse(readFileSync(join(folder, "inputs.json"), "utf8"))) {
  const bytes = readFileSync(join(folder, `${name}.bin`));
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  feeds[name] = new ort.Tensor(type, type === "float64" ? new Float64Array(copy) : new Float32Array(copy), shape);
}
const began = performance.now();
const { logits } = await session.run(feeds);
console.log(JSON.stringify({ milliseconds: performance.now() - began, shape: logits.dims }));
writeFileSync(join(folder, "logits.bin"), Buffer.from(logits.data.buffer, logits.data.byteOffset, logits.data.byteLength));
