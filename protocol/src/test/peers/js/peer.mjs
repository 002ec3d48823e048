/*
 * A js-libp2p host that Sluice's own libp2p is tested against.
 *
 *   node peer.mjs listen --security tls|noise [--listen MULTIADDR]
 *       prints "listening MULTIADDR" per address, then "ready"; runs until SIGTERM or SIGINT
 *   node peer.mjs dial MULTIADDR --security tls|noise [--bytes N] [--streams N] [--pings N]
 *       identify, ping, then echo N bytes on each of N streams at once; prints one JSON object and exits 0, or 1 on
 *       failure
 */
import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'

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
const CHUNK = 256 * 1024
const MAX_WINDOW = 16 * 1024 * 1024
const MAX_STREAMS = 1000
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
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: {
      identify: identify({ runOnConnectionOpen: listen.length > 0 }),
      ping: ping({ maxOutboundStreams: 8 })
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

async function readAll (stream) {
  const received = createHash('sha256')
  let bytes = 0
  for await (const list of stream) {
    bytes += list.byteLength
    for (const chunk of list instanceof Uint8Array ? [list] : list) {
      received.update(chunk)
    }
  }
  return { bytes, sha256: received.digest('hex') }
}

async function listen ({ security, listen: address }) {
  const node = await host(security, [address])
  await node.handle(ECHO, echo, { maxInboundStreams: MAX_STREAMS })
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

async function dial (address, { security, bytes, streams, pings }) {
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
    const echoed = echoes.reduce((sum, each) => sum + each.bytes, 0)
    return {
      ok: echoes.every((each) => each.ok),
      peerId: connection.remotePeer.toString(),
      security: connection.encryption,
      muxer: connection.multiplexer,
      agent: identified.agentVersion,
      protocolVersion: identified.protocolVersion,
      protocols: identified.protocols,
      listenAddrs: identified.listenAddrs.map(String),
      observedAddr: identified.observedAddr?.toString(),
      pingMillis,
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
    pings: { type: 'string', default: '3' }
  }
})

if (!Object.hasOwn(encrypters, options.security)) {
  console.error(`--security is tls or noise, not ${options.security}`)
  process.exit(2)
} else if (mode === 'listen') {
  await listen(options)
} else if (mode === 'dial' && address !== undefined) {
  const counts = { bytes: Number(options.bytes), streams: Number(options.streams), pings: Number(options.pings) }
  const result = await dial(address, { ...options, ...counts })
    .catch((error) => ({ ok: false, error: `${error.name}: ${error.message}` }))
  console.log(JSON.stringify(result))
  process.exit(result.ok ? 0 : 1)
} else {
  console.error('usage: peer.mjs listen|dial MULTIADDR --security tls|noise')
  process.exit(2)
}
