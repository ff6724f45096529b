import { existsSync } from 'node:fs'
import { hostname } from 'node:os'

/** What we call ourselves in EHLO where nothing else is set: this machine's name, if it is one that a server accepts (RFC 5321 §4.1.4). */
export function heloName(): string {
  const name = hostname()
  return /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$/.test(name) ? name : '[127.0.0.1]'
}

/** In a container `localhost` is the container itself: the most common wrong setting there. */
export function isInContainer(): boolean {
  return existsSync('/.dockerenv') || existsSync('/run/.containerenv')
}
