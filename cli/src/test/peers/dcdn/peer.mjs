/*
 * @dcdn/graphsync as it is published, over js-libp2p 0.40 with Noise and yamux: a GraphSync 2.0.0 that was written by itself.
 * Of data transfer it knows how a pull and a push are opened, and nothing of what comes after.
 *
 *   node peer.mjs provide --car FILE
 *       answers every request for what is in the CAR, whoever asks; prints "listening MULTIADDR" and "ready", then one
 *       JSON object for each request, until SIGTERM or SIGINT
 *   node peer.mjs fetch MULTIADDR --cid CID[/PATH] --out FILE [--plain] [--timeout SECONDS]
 *       asks for a DAG, with a free proposal as voucher or, with --plain, without data transfer at all, and writes what
 *       came to a CAR
 *   node peer.mjs push MULTIADDR --car FILE --cid CID --size BYTES --identity N [--timeout SECONDS]
 *       offers a DAG as the peer that N stands for, and answers what it is asked then
 *   node peer.mjs id --identity N
 *       says which peer that is
 *
 * fetch and push print one JSON object, and exit with 0, or 1 on failure.
 */
import './node20.mjs'
import { createReadStream, createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { createLibp2p } from 'libp2p'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { createFromPrivKey } from '@libp2p/peer-id-factory'
import { tcp } from '@libp2p/tcp'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { CarBlockIterator, CarWriter } from '@ipld/car'
import { CID } from 'multiformats'
import { GraphSync, getPeer, push, unixfsPathSelector } from '@dcdn/graphsync'

const DATA_TRANSFER = '/fil/datatransfer/1.2.0'

class Blocks {
  #byHash = new Map()

  static async of (car) {
    const blocks = new Blocks()
    for await (const { cid, bytes } of await CarBlockIterator.fromIterable(createReadStream(car))) {
      await blocks.put(cid, bytes)
    }
    return blocks
  }

  async has (cid) { return this.#byHash.has(String(cid)) }
  async put (cid, bytes) { this.#byHash.set(String(cid), bytes) }
  async get (cid) {
    const bytes = this.#byHash.get(String(cid))
    if (bytes === undefined) {
      throw new Error(`no block ${cid}`)
    }
    return bytes
  }

  get size () { return this.#byHash.size }

  async write (root, out) {
    const { writer, out: car } = CarWriter.create([root])
    const written = pipeline(Readable.from(car), createWriteStream(out))
    for (const [cid, bytes] of this.#byHash) {
      await writer.put({ cid: CID.parse(cid), bytes })
    }
    await writer.close()
    await written
  }
}

async function identity (number) {
  return createFromPrivKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(number)))
}

async function endpoint (blocks, listen = [], as = undefined) {
  const host = await createLibp2p({
    peerId: as && await identity(as),
    addresses: { listen },
    transports: [tcp()],
    connectionEncryption: [noise()],
    streamMuxers: [yamux()]
  })
  await host.start()
  const graphsync = new GraphSync(host, blocks)
  graphsync.start()
  return { host, graphsync }
}

function within (seconds, what, promise) {
  const late = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`${what}: nothing more within ${seconds} s`)), seconds * 1000).unref()
  })
  return Promise.race([promise, late])
}

const say = (event) => console.log(JSON.stringify(event))

async function provide ({ car }) {
  const { host, graphsync } = await endpoint(await Blocks.of(car), ['/ip4/127.0.0.1/tcp/0'])
  graphsync.on('responseCompleted', ({ root }) => say({ event: 'answered', root: String(root) }))
  graphsync.on('requestCancelled', ({ root }) => say({ event: 'cancelled', root: String(root) }))
  graphsync.on('networkErrorListener', ({ root, error }) => say({ event: 'failed', root: String(root), error: error.message }))
  host.getMultiaddrs().forEach((address) => console.log(`listening ${address}`))
  console.log('ready')
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => { host.stop().finally(() => process.exit(0)) })
  }
}

/** What asks for a pull. The package has this in a function that makes an HTTP response of what comes. */
function pull (root, selector, id) {
  const nothing = new Uint8Array()
  return {
    'fil/data-transfer/1.1': {
      IsRq: true,
      Request: {
        BCid: root,
        Type: 0,
        Pull: true,
        Paus: false,
        Part: false,
        Stor: selector,
        Vouch: {
          PayloadCID: root,
          ID: id,
          Params: {
            Selector: selector,
            PieceCID: null,
            PricePerByte: nothing,
            PaymentInterval: 0,
            PaymentIntervalIncrease: 0,
            UnsealPrice: nothing
          }
        },
        VTyp: 'RetrievalDealProposal/1',
        XferID: id,
        RestartChannel: ['', '', 0]
      },
      Response: null
    }
  }
}

async function fetch (address, { cid, out, plain, timeout }) {
  const blocks = new Blocks()
  const { host, graphsync } = await endpoint(blocks)
  const seen = []
  const provider = getPeer(address)
  await host.peerStore.addressBook.add(provider.id, provider.multiaddrs)
  const messages = []
  await host.handle(DATA_TRANSFER, async ({ stream }) => {
    for await (const chunk of stream.source) { messages.push(chunk.length) }
  })
  const { root, selector } = unixfsPathSelector(cid)
  const request = graphsync.request(root, selector)
  const refused = new Promise((resolve, reject) => {
    request.on('incomingResponse', ({ stat }) => {
      if (seen.at(-1) !== stat) {
        seen.push(stat)
      }
      if (stat >= 30) {
        reject(new Error(`status ${stat}`))
      }
    })
  })
  const result = { ok: false, cid, statuses: seen }
  try {
    request.open(provider.id, plain ? undefined : pull(root, selector, Date.now()))
    await within(timeout, 'fetch', Promise.race([request.drain(), refused]))
    await blocks.write(root, out)
    result.ok = true
  } catch (error) {
    result.error = error.message
  }
  await host.stop()
  return { ...result, blocks: blocks.size }
}

async function offer (address, { car, cid, timeout, size, identity }) {
  const { host, graphsync } = await endpoint(await Blocks.of(car), ['/ip4/127.0.0.1/tcp/0'], Number(identity))
  const answered = new Promise((resolve, reject) => {
    graphsync.on('responseCompleted', resolve)
    graphsync.on('networkErrorListener', ({ error }) => reject(error))
  })
  const result = { ok: false, cid }
  try {
    await within(timeout, 'push', push(cid, {
      maddr: multiaddr(address), exchange: graphsync, voucher: { Size: Number(size) }, voucherType: 'SluicePush/1'
    }))
    await within(timeout, 'answer', answered)
    result.ok = true
  } catch (error) {
    result.error = error.message
  }
  await host.stop()
  return result
}

const { values: options, positionals: [mode, address] } = parseArgs({
  allowPositionals: true,
  options: {
    car: { type: 'string' },
    cid: { type: 'string' },
    out: { type: 'string' },
    identity: { type: 'string', default: '1' },
    size: { type: 'string', default: '1' },
    plain: { type: 'boolean', default: false },
    timeout: { type: 'string', default: '60' }
  }
})

const commands = { fetch, push: offer }
if (mode === 'id') {
  say({ peer: String(await identity(Number(options.identity))) })
} else if (mode === 'provide') {
  await provide(options)
} else if (Object.hasOwn(commands, mode) && address !== undefined) {
  const result = await commands[mode](address, { ...options, timeout: Number(options.timeout) })
  say(result)
  process.exit(result.ok ? 0 : 1)
} else {
  console.error('usage: peer.mjs provide|fetch|push|id …')
  process.exit(2)
}
