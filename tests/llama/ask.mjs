// ask.mjs FOLDER: does llama.cpp say what our model says? The closing task of module 16, whose lesson says how to install
// node-llama-cpp; no test needs it. FOLDER is what `rush export sample` wrote.
import {readFileSync} from 'node:fs';
import {getLlama} from 'node-llama-cpp';

const folder = process.argv[2];
const reference = JSON.parse(readFileSync(`${folder}/reference.json`, 'utf8'));
// llama.cpp keeps keys and values in half precision, looks GELU up in a table of halves, and rounds inputs to eight bits where
// the weight is in blocks. So each type has its limit, and only f32 and f16 must choose the same tokens; the others' are counted.
const limits = {f32: 2e-3, f16: 1e-2, q8_0: 5e-2, q4_0: 3e-1};
const llama = await getLlama({gpu: false, build: 'never', skipDownload: true, logLevel: 'error'});
let failed = false;

async function next(sequence, tokens) {
  const wanted = tokens.map((token, i) => (i === tokens.length - 1 ? [token, {generateNext: {probabilities: true}}] : token));
  const answer = await sequence.controlledEvaluate(wanted);
  return answer.at(-1).next.probabilities;
}

for (const [type, ours] of Object.entries(reference.types)) {
  const model = await llama.loadModel({modelPath: `${folder}/${type}.gguf`});
  const wrong = reference.texts.filter(({text, ids}) => model.tokenize(text).join(' ') !== ids.join(' '));
  const context = await model.createContext({contextSize: 128, threads: 1});
  const sequence = context.getSequence();
  let theirs = await next(sequence, reference.prompt);
  let worst = 0;
  for (const [token, p] of theirs) {
    const q = ours.probabilities[token];
    if (q > 1e-3) worst = Math.max(worst, Math.abs(p - q) / q);
  }
  let equal = 0;
  for (const token of ours.greedy) {
    const best = [...theirs.entries()].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
    if (best !== token) break;
    equal += 1;
    theirs = await next(sequence, [token]);
  }
  const good = wrong.length === 0 && worst <= limits[type] && (type[0] === 'q' || equal === ours.greedy.length);
  failed ||= !good;
  console.log(
    `${good ? 'good' : 'BAD '} ${type.padEnd(4)} texts with the same ids ${reference.texts.length - wrong.length} of ` +
      `${reference.texts.length}; largest relative difference of a probability above 0.001: ${worst.toExponential(1)} ` +
      `(limit ${limits[type]}); greedy tokens equal: ${equal} of ${ours.greedy.length}`,
  );
  for (const {text, ids} of wrong) console.log('     ', JSON.stringify(text), model.tokenize(text).join(' '), 'ours', ids.join(' '));
  await context.dispose();
  await model.dispose();
}
process.exit(failed ? 1 : 0);
