// Compiles the contract into the resources that Sluice carries.
//
//   node build.mjs SOURCES FOLDER
//
// PaymentChannels.abi.json         the interface
// PaymentChannels.bin              creation code in hex; the constructor's arguments follow it
// PaymentChannels.code.properties  what code stands at an address afterwards: its length, where in it each immutable
//                                  stands (words of 32 bytes), and the Keccak-256 of the code with all of these zero
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import sha3 from 'js-sha3';
import solc from 'solc';

const [sources, folder] = process.argv.slice(2);
const name = 'PaymentChannels';
const file = `src/${name}.sol`;
const require = createRequire(import.meta.url);

const input = {
  language: 'Solidity',
  sources: { [file]: { content: readFileSync(join(sources, `${name}.sol`), 'utf8') } },
  settings: {
    optimizer: { enabled: true, runs: 1000 },
    viaIR: false,
    evmVersion: 'cancun',
    // A changed comment must not change the code.
    metadata: { bytecodeHash: 'none' },
    outputSelection: {
      '*': { '': ['ast'] },
      [file]: { [name]: ['abi', 'evm.bytecode.object', 'evm.deployedBytecode'] },
    },
  },
};

const output = JSON.parse(
  solc.compile(JSON.stringify(input), { import: (path) => ({ contents: readFileSync(require.resolve(path), 'utf8') }) }),
);
const wrong = (output.errors ?? []).filter((message) => message.severity !== 'info');
if (wrong.length > 0) {
  process.stderr.write(wrong.map((message) => message.formattedMessage).join('\n'));
  process.exit(1);
}

// By the number of a declaration in the syntax tree: its name.
const names = new Map();
const walk = (node) => {
  if (Array.isArray(node)) node.forEach(walk);
  else if (node !== null && typeof node === 'object') {
    if (node.nodeType === 'VariableDeclaration') names.set(String(node.id), node.name);
    Object.values(node).forEach(walk);
  }
};
Object.values(output.sources).forEach((source) => walk(source.ast));

const contract = output.contracts[file][name];
const code = Buffer.from(contract.evm.deployedBytecode.object, 'hex');
const immutables = Object.entries(contract.evm.deployedBytecode.immutableReferences)
  .map(([id, places]) => [names.get(id), places])
  .sort(([a], [b]) => (a < b ? -1 : 1));
for (const [, places] of immutables) {
  for (const { start, length } of places) {
    if (length !== 32) throw new Error(`an immutable of ${length} bytes`);
    code.fill(0, start, start + length);
  }
}

mkdirSync(folder, { recursive: true });
const write = (suffix, text) => writeFileSync(join(folder, `${name}.${suffix}`), text);
write('abi.json', `${JSON.stringify(contract.abi, null, 1)}\n`);
write('bin', `${contract.evm.bytecode.object}\n`);
write(
  'code.properties',
  [
    `compiler=${solc.version()}`,
    `length=${code.length}`,
    `hash=0x${sha3.keccak256(code)}`,
    ...immutables.map(([id, places]) => `immutable.${id}=${places.map((place) => place.start).join(',')}`),
    '',
  ].join('\n'),
);
