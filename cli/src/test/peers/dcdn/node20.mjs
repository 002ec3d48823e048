/* Imported first: what the newest of the packages takes for granted, and Node 20 lacks. */
Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new this((res, rej) => { resolve = res; reject = rej })
  return { promise, resolve, reject }
}
