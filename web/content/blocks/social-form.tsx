import { ActionIcon, Button, Select, TextInput } from '@mantine/core'
import { Plus, X } from 'lucide-react'
import { SOCIAL_KINDS, type SocialKind } from '../../../src/templates/blocks/block.ts'
import { t } from '../../texts/texts.ts'
import type { WireLeaf } from './block-acts.ts'
import { Align } from './block-form.tsx'
import styles from './blocks.module.css'

type Social = Extract<WireLeaf, { type: 'social' }>

const MAX_LINKS = 12

export function SocialForm({ block, onChange }: { block: Social; onChange: (block: WireLeaf) => void }) {
  const says = t.content.blocks
  const set = (links: Social['links']) => onChange({ ...block, links })
  const unused = SOCIAL_KINDS.find((kind) => !block.links.some((link) => link.kind === kind)) ?? 'website'
  return (
    <>
      {block.links.map(({ kind, url }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: links are named by their place
        <div key={i} className={styles.social}>
          <Select
            size="xs"
            aria-label={says.socialKind}
            data={SOCIAL_KINDS.map((value) => ({ value, label: says.socialKinds[value] }))}
            value={kind}
            allowDeselect={false}
            onChange={(next) =>
              next && set(block.links.map((link, at) => (at === i ? { ...link, kind: next as SocialKind } : link)))
            }
          />
          <TextInput
            size="xs"
            aria-label={says.socialUrl(says.socialKinds[kind])}
            maxLength={4_000}
            value={url}
            onChange={(event) =>
              set(block.links.map((link, at) => (at === i ? { ...link, url: event.currentTarget.value } : link)))
            }
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={says.removeLink(says.socialKinds[kind])}
            onClick={() => set(block.links.filter((_, at) => at !== i))}
          >
            <X size={14} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <div className={styles.row}>
        <Button
          size="xs"
          variant="default"
          leftSection={<Plus size={13} aria-hidden />}
          disabled={block.links.length >= MAX_LINKS}
          onClick={() => set([...block.links, { kind: unused, url: 'https://' }])}
        >
          {says.addLink}
        </Button>
        <Align value={block.align} onChange={(align) => onChange({ ...block, align })} />
      </div>
    </>
  )
}
