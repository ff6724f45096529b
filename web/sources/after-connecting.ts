/** Where somebody goes on who went to a provider in the middle of something. It lives with the tab: the provider sends the same tab back. */
const KEY = 'waybill.after-connecting'
const STEPS = ['test'] as const
export type SetupStep = (typeof STEPS)[number]

export function goOnAfterConnecting(step: SetupStep): void {
  window.sessionStorage.setItem(KEY, step)
}

/** Asked once; then it is forgotten. */
export function takeStepAfterConnecting(): SetupStep | null {
  const step = window.sessionStorage.getItem(KEY)
  window.sessionStorage.removeItem(KEY)
  return STEPS.find((each) => each === step) ?? null
}
