/*
 * @ipld/car, and the block validator that web3.storage and ipfs-car use.
 *
 *   node car.mjs read FILE         compares every block with its CID; finds each again by random access
 *   node car.mjs write FROM OUT    writes the blocks of a CAR into another, version 1
 *
 * Both print {"version","roots","blocks","bytes"}. ipfs-car is in node_modules/.bin.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CarBlockIterator, CarIndexedReader, CarWriter } from '@ipld/car'
import { validateBlock } from '@web3-storage/car-block-validator'

/** Where the header of version 1 stands beneath that of version 2, the reader does not say which it was. */
async function version (path) {
  const file = await open(path)
  const { buffer } = await file.read(Buffer.alloc(11), 0, 11, 0)
  await file.close()
  return buffer.equals(Buffer.from('0aa16776657273696f6e02', 'hex')) ? 2 : 1
}

async function read (path) {
  const found = await CarIndexedReader.fromFile(path)
  const blocks = await CarBlockIterator.fromIterable(createReadStream(path))
  const roots = await blocks.getRoots()
  const result = { version: await version(path), roots: roots.map(String), blocks: 0, bytes: 0 }
  for await (const block of blocks) {
    await validateBlock(block)
    const again = await found.get(block.cid)
    if (again === undefined || Buffer.compare(again.bytes, block.bytes) !== 0) {
      throw new Error(`${block.cid} is not found again`)
    }
    result.blocks++
    result.bytes += block.bytes.length
  }
  await found.close()
  return result
}

async function write (from, path) {
  const blocks = await CarBlockIterator.fromIterable(createReadStream(from))
  const { writer, out } = CarWriter.create(await blocks.getRoots())
  const written = pipeline(Readable.from(out), createWriteStream(path))
  for await (const block of blocks) {
    await writer.put(block)
  }
  await writer.close()
  await written
  return read(path)
}

const [mode, ...paths] = process.argv.slice(2)
const commands = { read, write }
if (!Object.hasOwn(commands, mode)) {
  console.error('usage: car.mjs read FILE | write FROM OUT')
  process.exit(2)
}
console.log(JSON.stringify(await commands[mode](...paths)))
