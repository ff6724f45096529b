import { Hourglass, UserRoundX } from 'lucide-react'

/** Of people without a mail: what its states look like stands elsewhere. */
export const EXCLUDED_LOOK = { tone: 'calm' as const, icon: UserRoundX }
export const PREPARING_LOOK = { tone: 'busy' as const, icon: Hourglass }
