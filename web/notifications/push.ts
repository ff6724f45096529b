/** This browser, as one that can be told while no page is open. Nothing is registered before somebody asks for it. */

const WORKER = '/push-worker.js'

export interface Subscribed {
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
}

export function whyNotHere(): 'insecure' | 'unsupported' | 'blocked' | null {
  if (!window.isSecureContext) return 'insecure'
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) return 'unsupported'
  return Notification.permission === 'denied' ? 'blocked' : null
}

/** Null when the person says no. */
export async function subscribeHere(publicKey: string): Promise<Subscribed | null> {
  if ((await Notification.requestPermission()) !== 'granted') return null
  const registration = await navigator.serviceWorker.register(WORKER)
  await navigator.serviceWorker.ready
  const options = { userVisibleOnly: true, applicationServerKey: bytesOf(publicKey) }
  const subscription = await registration.pushManager.subscribe(options).catch(async (error: unknown) => {
    // Of another server's key, from before it was set up anew.
    const old = await registration.pushManager.getSubscription()
    if (!old) throw error
    await old.unsubscribe()
    return await registration.pushManager.subscribe(options)
  })
  const { keys } = subscription.toJSON()
  if (!keys?.p256dh || !keys.auth) throw new Error('the browser gave no keys')
  return { endpoint: subscription.endpoint, p256dh: keys.p256dh, auth: keys.auth }
}

export async function unsubscribeHere(): Promise<void> {
  await (await subscriptionHere())?.unsubscribe()
}

/** Null: this browser is not told. */
export async function endpointHere(): Promise<string | null> {
  return (await subscriptionHere())?.endpoint ?? null
}

async function subscriptionHere(): Promise<PushSubscription | null> {
  if (whyNotHere() !== null) return null
  const registration = await navigator.serviceWorker.getRegistration(WORKER)
  return (await registration?.pushManager.getSubscription()) ?? null
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
