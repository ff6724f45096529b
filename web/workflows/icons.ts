import { Braces, Clock, Contact, Globe, Inbox, type LucideIcon, Mail, Split, UserCheck, Workflow, Zap } from 'lucide-react'
import type { Group } from '../../src/workflows/definition/node-type.ts'
import type { Tone } from '../ui/tone.ts'

/** Each group of steps has a picture and a hue; its name stands beside both. */
export const LOOKS: Readonly<Record<Group, { readonly icon: LucideIcon; readonly tone: Tone }>> = {
  trigger: { icon: Zap, tone: 'care' },
  logic: { icon: Split, tone: 'doubt' },
  conversation: { icon: Inbox, tone: 'busy' },
  contact: { icon: Contact, tone: 'busy' },
  email: { icon: Mail, tone: 'good' },
  wait: { icon: Clock, tone: 'wait' },
  flow: { icon: Workflow, tone: 'calm' },
  data: { icon: Braces, tone: 'calm' },
  http: { icon: Globe, tone: 'calm' },
  people: { icon: UserCheck, tone: 'good' },
}
