// Compiles tokens that the tests in Java deploy: each NAME.sol of a folder into NAME.bin, creation code in hex.
//
//   node tokens.mjs SOURCES FOLDER
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import solc from 'solc';

const [sources, folder] = process.argv.slice(2);
const files = readdirSync(sources).filter((file) => file.endsWith('.sol'));
const output = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: 'Solidity',
      sources: Object.fromEntries(files.map((file) => [file, { content: readFileSync(join(sources, file), 'utf8') }])),
      settings: {
        optimizer: { enabled: true, runs: 200 },
        evmVersion: 'cancun',
        // A changed comment must not change the code.
        metadata: { bytecodeHash: 'none' },
        outputSelection: { '*': { '*': ['evm.bytecode.object'] } },
      },
    }),
  ),
);
const wrong = (output.errors ?? []).filter((message) => message.severity === 'error');
if (wrong.length > 0) {
  process.stderr.write(wrong.map((message) => message.formattedMessage).join('\n'));
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
for (const file of files) {
  const name = file.replace(/\.sol$/, '');
  writeFileSync(join(folder, `${name}.bin`), `${output.contracts[file][name].evm.bytecode.object}\n`);
}
