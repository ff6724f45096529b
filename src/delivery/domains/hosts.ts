/** The names of this server that records of domains refer to. */
export interface Hosts {
  /** The host that takes mail for us. */
  readonly mailHost: string
  /** The host of our links. */
  readonly webHost: string
}

export function hostsOf({ mailHost, url }: { readonly mailHost: string; readonly url: string }): Hosts {
  return { mailHost, webHost: new URL(url).hostname }
}

/** Records may refer to it: `localhost` and bare addresses lead others nowhere. */
export function isPublicName(host: string): boolean {
  return host.includes('.') && !host.endsWith('.localhost') && !/^[\d.]+$|:/.test(host)
}
