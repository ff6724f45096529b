import ipaddr from 'ipaddr.js'

/** NAT64 (RFC 6052) carries an IPv4 address inside an IPv6 one: what counts is where the packet ends. */
const NAT64 = ipaddr.IPv6.parse('64:ff9b::')

/**
 * Whether an address is anything else than one on the public Internet: loopback, private, link-local (cloud metadata), carrier-grade NAT,
 * unique local, multicast, reserved, an IPv4 address of these kinds inside an IPv6 one, or not an address at all.
 */
export function isPrivateAddress(address: string): boolean {
  const bare = address.split('%', 1)[0] ?? ''
  // Only the canonical four-part form of IPv4: `127.1` and `0x7f000001` reach loopback too, and nobody needs them.
  if (!ipaddr.IPv4.isValidFourPartDecimal(bare) && !ipaddr.IPv6.isValid(bare)) return true
  const parsed = ipaddr.process(bare)
  if (parsed instanceof ipaddr.IPv4) return parsed.range() !== 'unicast'
  if (parsed.match(NAT64, 96)) return isPrivateAddress(parsed.toByteArray().slice(12).join('.'))
  return parsed.range() !== 'unicast'
}

/** The machine itself. */
export function isLoopbackAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}
