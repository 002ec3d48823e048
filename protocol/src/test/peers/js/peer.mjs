/*
 * A js-libp2p host that Sluice's own libp2p is tested against.
 *
 *   node peer.mjs listen --security tls|noise [--listen MULTIADDR]
 *       prints "listening MULTIADDR" per address, then "ready"; runs until SIGTERM or SIGINT
 *   node peer.mjs dial MULTIADDR --security tls|noise [--bytes N] [--streams N] [--pings N] [--perf N] [--ends]
 *           [--ping-streams N [--at-once N]]
 *       identify, ping, echo N bytes on each of N streams at once, perf of N bytes each way, and the ends that a stream
 *       can come to; of hosts that have no other echo, N streams of ping, so many at once (50), of which
 *       every tenth is reset; those that the host resets are tried again a little later. Prints one JSON object and exits 0, or 1 on failure
 */
import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { setTimeout } from 'node:timers/promises'

// js-libp2p takes Node 22 for granted; this is all that Node 20 lacks.
Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new this((res, rej) => { resolve = res; reject = rej })
  return { promise, resolve, reject }
}

const { createLibp2p } = await import('libp2p')
const { tcp } = await import('@libp2p/tcp')
const { tls } = await import('@libp2p/tls')
const { noise } = await import('@chainsafe/libp2p-noise')
const { yamux } = await import('@chainsafe/libp2p-yamux')
const { identify } = await import('@libp2p/identify')
const { ping } = await import('@libp2p/ping')
const { multiaddr } = await import('@multiformats/multiaddr')

const ECHO = '/sluice-test/echo/1.0.0'
const DIGEST = '/sluice-test/digest/1.0.0' // takes all until the opener's half is closed, and answers then
const ABORT = '/sluice-test/abort/1.0.0' // resets the stream at its first byte
const PERF = '/perf/1.0.0'
const PING = '/ipfs/ping/1.0.0'
const ROUNDS = 10
const AT_ONCE = 50
const CHUNK = 256 * 1024
const MAX_WINDOW = 16 * 1024 * 1024
const MAX_STREAMS = 1100
const encrypters = { tls, noise }

/**
 * A dialling host identifies only when told to: a js peer answers one identify at a time and resets the second. And it
 * pings when told to: by default it has one ping stream at a time, of which its connection monitor may have one, and
 * the last one may still be closing.
 */
function host (security, listen = []) {
  return createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [encrypters[security]()],
    streamMuxers: [yamux({ maxInboundStreams: MAX_STREAMS, maxOutboundStreams: MAX_STREAMS })],
    connectionMonitor: { enabled: false },
    services: {
      identify: identify({ runOnConnectionOpen: listen.length > 0 }),
      ping: ping({ maxOutboundStreams: MAX_STREAMS })
    }
  })
}

/** Waits until the stream takes more; libp2p's own onDrain() resolves only the first time. */
function drained (stream) {
  return new Promise((resolve, reject) => {
    stream.addEventListener('drain', resolve, { once: true })
    stream.addEventListener('close', (event) => reject(event.error ?? new Error('stream closed')), { once: true })
  })
}

/** Sends back what arrives, no faster than the peer takes it, and ends when the peer has ended. */
function echo (stream) {
  // A paused stream may still receive a whole yamux window, four times what libp2p lets it hold by default.
  stream.maxReadBufferLength = 2 * MAX_WINDOW
  stream.addEventListener('close', (event) => {
    if (event.error != null) {
      console.error(`echo stream ${stream.id} failed: ${event.error.message}`)
    }
  })
  stream.addEventListener('message', (event) => {
    if (stream.writeStatus === 'writable' && !stream.send(event.data)) {
      stream.pause()
      drained(stream).then(() => stream.readStatus === 'paused' && stream.resume(), () => {})
    }
  })
  stream.addEventListener('end', () => { stream.close().catch(() => {}) })
}

/** The bytes sent are 0, 1, 2 … 250, 0 …: the same every time, and no power of two long. */
function pattern (offset, length) {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    bytes[i] = (offset + i) % 251
  }
  return bytes
}

async function sendPattern (stream, total) {
  const sent = createHash('sha256')
  for (let offset = 0; offset < total; offset += CHUNK) {
    const chunk = pattern(offset, Math.min(CHUNK, total - offset))
    sent.update(chunk)
    if (!stream.send(chunk)) {
      await drained(stream)
    }
  }
  await stream.close()
  return sent.digest('hex')
}

/**
 * Hands on what comes until the other half is closed. Neither an iterator nor the event 'end' says so when that was
 * before the protocol was agreed on, which peers may do that know what this host speaks; the stream's state does.
 */
function untilEnd (stream, take) {
  return new Promise((resolve, reject) => {
    const endIfOver = () => {
      if (stream.remoteWriteStatus === 'closed' && stream.readBufferLength === 0) {
        resolve()
      }
    }
    stream.addEventListener('close', (event) => event.error != null ? reject(event.error) : resolve(), { once: true })
    stream.addEventListener('remoteCloseWrite', endIfOver)
    stream.addEventListener('message', ({ data }) => {
      for (const chunk of data instanceof Uint8Array ? [data] : data) {
        take(chunk)
      }
      endIfOver()
    })
    endIfOver()
  })
}

async function readAll (stream) {
  const received = createHash('sha256')
  let bytes = 0
  await untilEnd(stream, (chunk) => {
    bytes += chunk.byteLength
    received.update(chunk)
  })
  return { bytes, sha256: received.digest('hex') }
}

/** Reads to the end of the other's half, then answers with what it was. */
async function digest (stream) {
  const { bytes, sha256 } = await readAll(stream)
  stream.send(new TextEncoder().encode(`${bytes} ${sha256}`))
  await stream.close()
}

async function abortAtFirstByte (stream) {
  for await (const ignored of stream) {
    stream.abort(new Error('no more of this'))
    return
  }
}

async function sendZeros (stream, total) {
  const zeros = new Uint8Array(CHUNK)
  for (let left = total; left > 0; left -= CHUNK) {
    if (!stream.send(left < CHUNK ? zeros.subarray(0, left) : zeros)) {
      await drained(stream)
    }
  }
}

/** The answering half of perf. */
async function servePerf (stream) {
  const head = new Uint8Array(8)
  let read = 0
  await untilEnd(stream, (chunk) => {
    if (read < 8) {
      head.set(chunk.subarray(0, 8 - read), read)
    }
    read += chunk.byteLength
  })
  await sendZeros(stream, Number(new DataView(head.buffer).getBigUint64(0)))
  await stream.close()
}

/** The asking half of perf. */
async function perfOnce (connection, bytes) {
  const started = performance.now()
  const stream = await connection.newStream(PERF)
  const head = new Uint8Array(8)
  new DataView(head.buffer).setBigUint64(0, BigInt(bytes))
  stream.send(head)
  await sendZeros(stream, bytes)
  await stream.close()
  let received = 0
  await untilEnd(stream, (chunk) => { received += chunk.byteLength })
  return { ok: received === bytes, sent: bytes, received, millis: Math.round(performance.now() - started) }
}

/** Half-close, a reset by the other end, and one by this end. */
async function ends (connection, ping) {
  const asking = await connection.newStream(DIGEST)
  const sent = await sendPattern(asking, 1_000_003)
  const parts = []
  await untilEnd(asking, (chunk) => { parts.push(new TextDecoder().decode(chunk)) })
  const halfClosed = parts.join('') === `1000003 ${sent}`

  const aborted = await connection.newStream(ABORT)
  aborted.send(new Uint8Array(1))
  let resetSeen = false
  try {
    for await (const ignored of aborted) { /* nothing comes */ }
  } catch (error) {
    resetSeen = /reset/i.test(`${error.name} ${error.message}`)
  }

  const aborting = await connection.newStream(DIGEST)
  aborting.send(new Uint8Array(1))
  aborting.abort(new Error('thought better of it'))
  await ping(connection.remotePeer) // by its answer the reset has arrived as well
  return { ok: halfClosed && resetSeen, halfClosed, resetSeen }
}

/** Some rounds of ping on a stream, then its end; or, if it is to be reset, that. */
async function pingStream (connection, number) {
  const stream = await connection.newStream(PING)
  const sent = pattern(number, ROUNDS * 32)
  const received = []
  const ended = untilEnd(stream, (chunk) => { received.push(chunk) })
  if (number % 10 === 9) {
    stream.send(sent.subarray(0, 40)) // in the middle of the second
    stream.abort(new Error('thought better of it'))
    return await ended.then(() => 'ended', () => 'reset')
  }
  stream.send(sent)
  await stream.close()
  await ended
  return Buffer.compare(Buffer.concat(received), sent) === 0 ? 'echoed' : 'wrong'
}

/** As many streams of ping, so many at a time. Of more than a host allows it resets some, and has time for them later. */
async function pingStreams (connection, count, atOnce, ping) {
  const outcomes = { reset: 0, echoed: 0, refused: 0 }
  let next = 0
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, async () => {
    while (next < count) {
      const number = next++
      let outcome
      while ((outcome = await pingStream(connection, number).catch((error) => refused(connection, error))) === 'refused') {
        outcomes.refused++
        await setTimeout(500 + 1000 * Math.random()) // hosts take no more than a thousand new ones each second for long
      }
      outcomes[outcome]++
    }
  }))
  await ping(connection.remotePeer) // the connection lives on
  const reset = Math.floor(count / 10)
  const ok = outcomes.reset === reset && outcomes.echoed === count - reset
  return { ok: ok && (outcomes.refused === 0 || atOnce > AT_ONCE), ...outcomes }
}

/** What a stream came to that the other end has reset, for which js-libp2p has many words; a lost connection is not that. */
function refused (connection, error) {
  const words = `${error.name} ${error.message} ${error.error?.name}`
  if (connection.status === 'open' && /reset|closed/i.test(words)) {
    return 'refused'
  }
  throw error
}

async function listen ({ security, listen: address }) {
  const node = await host(security, [address])
  await node.handle(ECHO, echo, { maxInboundStreams: MAX_STREAMS })
  await node.handle(DIGEST, digest)
  await node.handle(ABORT, abortAtFirstByte)
  await node.handle(PERF, servePerf)
  node.getMultiaddrs().forEach((at) => console.log(`listening ${at}`))
  console.log('ready')
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => { node.stop().finally(() => process.exit(0)) })
  }
}

async function echoOnce (connection, total) {
  const stream = await connection.newStream(ECHO, { maxOutboundStreams: MAX_STREAMS })
  const [sent, received] = await Promise.all([sendPattern(stream, total), readAll(stream)])
  return { ...received, ok: received.bytes === total && received.sha256 === sent }
}

async function dial (address, { security, bytes, streams, pings, perf, ends: tryEnds, 'ping-streams': pingStreamCount, 'at-once': atOnce }) {
  const node = await host(security)
  try {
    const connection = await node.dial(multiaddr(address))
    const identified = await node.services.identify.identify(connection)
    const pingMillis = []
    for (let i = 0; i < pings; i++) {
      pingMillis.push(await node.services.ping.ping(connection.remotePeer))
    }
    const started = performance.now()
    const echoes = await Promise.all(Array.from({ length: streams }, () => echoOnce(connection, bytes)))
    const millis = performance.now() - started
    const perfed = perf > 0 ? await perfOnce(connection, perf) : { ok: true }
    const ended = tryEnds ? await ends(connection, (peer) => node.services.ping.ping(peer)) : { ok: true }
    const pinged = pingStreamCount > 0
      ? await pingStreams(connection, pingStreamCount, atOnce, (peer) => node.services.ping.ping(peer))
      : { ok: true }
    const echoed = echoes.reduce((sum, each) => sum + each.bytes, 0)
    return {
      ok: echoes.every((each) => each.ok) && perfed.ok && ended.ok && pinged.ok,
      peerId: connection.remotePeer.toString(),
      security: connection.encryption,
      muxer: connection.multiplexer,
      agent: identified.agentVersion,
      protocolVersion: identified.protocolVersion,
      protocols: identified.protocols,
      listenAddrs: identified.listenAddrs.map(String),
      observedAddr: identified.observedAddr?.toString(),
      pingMillis,
      perf: perfed,
      ends: ended,
      pingStreams: pinged,
      streams: echoes.length,
      bytes: echoed,
      sha256: echoes[0]?.sha256,
      millis: Math.round(millis),
      mibPerSecond: Number((echoed / 1048576 / (millis / 1000)).toFixed(1))
    }
  } finally {
    await node.stop()
  }
}

const { values: options, positionals: [mode, address] } = parseArgs({
  allowPositionals: true,
  options: {
    security: { type: 'string', default: 'tls' },
    listen: { type: 'string', default: '/ip4/127.0.0.1/tcp/0' },
    bytes: { type: 'string', default: String(100 * 1024 * 1024) },
    streams: { type: 'string', default: '1' },
    pings: { type: 'string', default: '3' },
    perf: { type: 'string', default: '0' },
    ends: { type: 'boolean', default: false },
    'ping-streams': { type: 'string', default: '0' },
    'at-once': { type: 'string', default: String(AT_ONCE) }
  }
})

if (!Object.hasOwn(encrypters, options.security)) {
  console.error(`--security is tls or noise, not ${options.security}`)
  process.exit(2)
} else if (mode === 'listen') {
  await listen(options)
} else if (mode === 'dial' && address !== undefined) {
  const counts = {
    bytes: Number(options.bytes),
    streams: Number(options.streams),
    pings: Number(options.pings),
    perf: Number(options.perf),
    'ping-streams': Number(options['ping-streams']),
    'at-once': Number(options['at-once'])
  }
  const result = await dial(address, { ...options, ...counts })
    .catch((error) => ({ ok: false, error: `${error.name}: ${error.message}` }))
  console.log(JSON.stringify(result))
  process.exit(result.ok ? 0 : 1)
} else {
  console.error('usage: peer.mjs listen|dial MULTIADDR --security tls|noise')
  process.exit(2)
}
