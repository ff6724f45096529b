/** Receivers as people call them, and as pickers offer them. */
import { OTHER, RECEIVER_SEEDS } from '../../src/delivery/receivers/receiver-seeds.ts'
import { t } from '../texts/texts.ts'

export function receiverName(name: string | null): string {
  if (name === null) return t.receiverNames.unknown
  if (name === OTHER) return t.receiverNames.other
  return RECEIVER_SEEDS.find((seed) => seed.name === name)?.title ?? name
}

/** All that are known by name, then the rest; and whatever else is chosen already. */
export function receiverChoices(chosen: readonly string[] = []): { value: string; label: string }[] {
  const names = [...RECEIVER_SEEDS.map(({ name }) => name), OTHER]
  const others = chosen.filter((name) => !names.includes(name))
  return [...names, ...others].map((value) => ({ value, label: capital(receiverName(value)) }))
}

/** The receiver whose own domain this is. Domains of its customers are known to the server only. */
export function receiverOfDomain(domain: string): string | null {
  return RECEIVER_SEEDS.find((seed) => seed.domains.includes(domain))?.name ?? null
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
