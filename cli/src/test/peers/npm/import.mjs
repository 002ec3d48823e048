/*
 * ipfs-unixfs-importer, which helia imports with.
 *
 *   node import.mjs [--chunk BYTES] [--links N] [--cid-version 0|1] [--preserve-mode] [--preserve-mtime] PATH…
 *       prints the root of each file or folder on a line; keeps no block
 */
import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'

const { values: options, positionals: paths } = parseArgs({
  allowPositionals: true,
  options: {
    chunk: { type: 'string', default: '262144' },
    links: { type: 'string', default: '174' },
    'cid-version': { type: 'string', default: '1' },
    'preserve-mode': { type: 'boolean', default: false },
    'preserve-mtime': { type: 'boolean', default: false }
  }
})
const version = Number(options['cid-version'])
const SECOND = 1_000_000_000n
const nowhere = { put: (cid) => cid }

async function kept (path) {
  const { mode, mtimeNs } = await lstat(path, { bigint: true })
  const attributes = {}
  if (options['preserve-mode']) {
    attributes.mode = Number(mode & 0o7777n)
  }
  if (options['preserve-mtime']) {
    const nsecs = ((mtimeNs % SECOND) + SECOND) % SECOND // of what is before 1970, too
    attributes.mtime = { secs: (mtimeNs - nsecs) / SECOND, ...(nsecs > 0n && { nsecs: Number(nsecs) }) }
  }
  return attributes
}

async function * candidates (path, name) {
  const found = await lstat(path)
  if (found.isDirectory()) {
    yield { path: name, ...await kept(path) }
    for (const entry of await readdir(path)) {
      yield * candidates(join(path, entry), `${name}/${entry}`)
    }
  } else if (found.isFile()) {
    yield { path: name, content: createReadStream(path, { highWaterMark: 1 << 20 }), ...await kept(path) }
  } else {
    throw new Error(`${path} is neither file nor folder`)
  }
}

for (const path of paths) {
  let root
  const attributes = options['preserve-mode'] || options['preserve-mtime']
  const found = await lstat(path)
  const chunks = found.isFile() && found.size > Number(options.chunk)
  for await (const entry of importer(candidates(path, 'root'), nowhere, {
    cidVersion: version,
    // A file of one chunk with attributes becomes one block only if that were raw without them.
    rawLeaves: version === 1 && !(attributes && chunks),
    chunker: fixedSize({ chunkSize: Number(options.chunk) }),
    layout: balanced({ maxChildrenPerNode: Number(options.links) })
  })) {
    root = entry
  }
  console.log(`${root.cid}`)
}
