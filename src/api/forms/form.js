/*
 * The work that shows that nobody sends ten thousand of these: finds the number whose SHA-256, behind the salt, is the challenge (ALTCHA, version 1). Begins
 * when somebody touches the form, in a worker where there may be one, else in small pieces between which the page stays alive. The same file is both.
 */
;(() => {
  const K = new Uint32Array(64)
  const FIRST = new Uint32Array(8)
  /* The constants of SHA-256 are the fractions of the roots of the first primes (FIPS 180-4 §4.2.2, §5.3.3). */
  for (let n = 2, found = 0; found < 64; n++) {
    let prime = true
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false
    if (!prime) continue
    K[found] = ((n ** (1 / 3) % 1) * 4294967296) | 0
    if (found < 8) FIRST[found] = ((n ** (1 / 2) % 1) * 4294967296) | 0
    found++
  }
  const W = new Uint32Array(64)
  const state = new Uint32Array(8)

  function sha256(text) {
    const bits = text.length * 8
    const blocks = (text.length + 9 + 63) >> 6
    state.set(FIRST)
    for (let block = 0; block < blocks; block++) {
      for (let i = 0; i < 16; i++) {
        let word = 0
        for (let j = 0; j < 4; j++) {
          const at = block * 64 + i * 4 + j
          word = (word << 8) | (at < text.length ? text.charCodeAt(at) : at === text.length ? 128 : 0)
        }
        W[i] = word
      }
      if (block === blocks - 1) W[15] = bits
      for (let i = 16; i < 64; i++) {
        const a = W[i - 15]
        const b = W[i - 2]
        const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3)
        const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10)
        W[i] = W[i - 16] + s0 + W[i - 7] + s1
      }
      let [a, b, c, d, e, f, g, h] = state
      for (let i = 0; i < 64; i++) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
        h = g
        g = f
        f = e
        e = (d + t1) | 0
        d = c
        c = b
        b = a
        a = (t1 + t2) | 0
      }
      state[0] += a
      state[1] += b
      state[2] += c
      state[3] += d
      state[4] += e
      state[5] += f
      state[6] += g
      state[7] += h
    }
  }

  /* Looks at the numbers from `from` to below `to`; -1 when it is none of them. */
  function look(salt, wanted, from, to) {
    for (let n = from; n < to; n++) {
      sha256(salt + n)
      let same = true
      for (let i = 0; i < 8; i++) if (state[i] !== wanted[i]) same = false
      if (same) return n
    }
    return -1
  }

  const wordsOf = (hex) => Uint32Array.from({ length: 8 }, (_, i) => Number.parseInt(hex.slice(i * 8, i * 8 + 8), 16))

  if (typeof document === 'undefined') {
    self.onmessage = ({ data: { salt, challenge, maxnumber } }) =>
      self.postMessage(look(salt, wordsOf(challenge), 0, maxnumber + 1))
    return
  }

  const source = document.currentScript?.src
  const SLICE = 2000

  function inWorker(task) {
    return new Promise((resolve, reject) => {
      const worker = new Worker(source)
      worker.onmessage = ({ data }) => {
        worker.terminate()
        resolve(data)
      }
      worker.onerror = (event) => {
        event.preventDefault()
        worker.terminate()
        reject(new Error('no worker'))
      }
      worker.postMessage(task)
    })
  }

  async function inSlices({ salt, challenge, maxnumber }) {
    const wanted = wordsOf(challenge)
    for (let from = 0; from <= maxnumber; from += SLICE) {
      const n = look(salt, wanted, from, Math.min(from + SLICE, maxnumber + 1))
      if (n !== -1) return n
      await new Promise((resolve) => setTimeout(resolve))
    }
    return -1
  }

  /* A worker of another origin is not let in: then it is done here. */
  async function solve(task) {
    try {
      return await inWorker(task)
    } catch {
      return await inSlices(task)
    }
  }

  async function prove(address) {
    const answer = await fetch(address, { headers: { accept: 'application/json' }, credentials: 'omit' })
    if (!answer.ok) throw new Error(String(answer.status))
    const task = await answer.json()
    const number = await solve(task)
    if (number === -1) throw new Error('no number')
    const { algorithm, challenge, salt, signature } = task
    return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }))
  }

  /* A proof is good for some minutes: whoever writes for longer gets another. */
  const GOOD_FOR_MS = 15 * 60 * 1000

  function watch(field) {
    const form = field.form
    const status = form?.querySelector('[data-waybill-status]')
    if (!form || form.dataset.waybill === 'watched') return
    form.dataset.waybill = 'watched'
    let proof = null
    let isBusy = false
    const say = (words) => {
      if (status) status.textContent = words
    }
    const begin = () => {
      if (proof && Date.now() - proof.at < GOOD_FOR_MS) return proof.made
      const made = prove(field.dataset.waybillChallenge)
      proof = { at: Date.now(), made }
      made.catch(() => {
        proof = null
      })
      return made
    }
    form.addEventListener('focusin', () => begin().catch(() => {}))
    form.addEventListener('submit', async (event) => {
      if (field.value !== '') return
      event.preventDefault()
      if (isBusy) return
      isBusy = true
      say('Checking that no program sends this…')
      try {
        field.value = await begin()
        say('')
      } catch {
        /* The server says what is to be done: without a proof it may ask by mail. */
        say('')
        field.remove()
      }
      form.submit()
    })
    /* Back by the browser's button: the proof was used. */
    window.addEventListener('pageshow', () => {
      field.value = ''
      proof = null
      isBusy = false
    })
  }

  const start = () => {
    for (const field of document.querySelectorAll('input[data-waybill-challenge]')) watch(field)
  }
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start)
  else start()
})()
