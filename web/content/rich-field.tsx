import { ActionIcon, Button, Popover, TextInput } from '@mantine/core'
import { type Editor, EditorContent, useEditor, useEditorState } from '@tiptap/react'
import StarterKit from '@tiptap/starter-kit'
import { Bold, Italic, Link as LinkIcon, List, ListOrdered, type LucideIcon, Strikethrough, Underline } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { t } from '../texts/texts.ts'
import { useTakesInserts } from './insert.tsx'
import styles from './rich-field.module.css'

interface Props {
  readonly label: string
  readonly initial: string
  readonly onChange: (html: string) => void
  /** One paragraph, without lists. */
  readonly isLine?: boolean
}

/** A few words or paragraphs, as a block holds them: bold, links, lists. Fields of people stand in it as they are written. */
export function RichField({ label, initial, onChange, isLine = false }: Props) {
  const latest = useRef(onChange)
  useEffect(() => {
    latest.current = onChange
  })
  const takes = useTakesInserts()
  const editor = useEditor({
    // The policy refuses style elements: its style sheet is ours.
    injectCSS: false,
    content: initial,
    extensions: [
      StarterKit.configure({
        heading: false,
        horizontalRule: false,
        blockquote: false,
        codeBlock: false,
        ...(isLine && { bulletList: false, orderedList: false, listItem: false, listKeymap: false }),
        link: {
          openOnClick: false,
          autolink: false,
          protocols: ['mailto', 'tel'],
          // What is Liquid is known when the mail is written.
          isAllowedUri: (url, { defaultValidate }) => url.startsWith('{{') || defaultValidate(url),
        },
      }),
    ],
    editorProps: { attributes: { 'aria-label': label, role: 'textbox', 'aria-multiline': 'true', class: styles.content ?? '' } },
    onFocus: ({ editor: entered }) => takes((text) => entered.chain().focus().insertContent(text).run()),
    onUpdate: ({ editor: changed }) => latest.current(isLine ? lineOf(changed.getHTML()) : changed.getHTML()),
  })
  if (!editor) return null
  return (
    <div className={styles.box}>
      <Tools editor={editor} isLine={isLine} />
      <EditorContent editor={editor} />
    </div>
  )
}

/** Paragraphs of what is one line are breaks. */
function lineOf(html: string): string {
  return html.replace(/<\/p>\s*<p>/g, '<br>').replace(/<\/?p>/g, '')
}

interface Tool {
  readonly name: 'bold' | 'italic' | 'underline' | 'strike' | 'bulletList' | 'orderedList'
  readonly label: string
  readonly icon: LucideIcon
  readonly run: (editor: Editor) => void
  readonly inText?: true
}

function Tools({ editor, isLine }: { editor: Editor; isLine: boolean }) {
  const says = t.content.blocks
  const all: readonly Tool[] = [
    { name: 'bold', label: says.bold, icon: Bold, run: (e) => e.chain().focus().toggleBold().run() },
    { name: 'italic', label: says.italic, icon: Italic, run: (e) => e.chain().focus().toggleItalic().run() },
    { name: 'underline', label: says.underline, icon: Underline, run: (e) => e.chain().focus().toggleUnderline().run() },
    { name: 'strike', label: says.strike, icon: Strikethrough, run: (e) => e.chain().focus().toggleStrike().run() },
    { name: 'bulletList', label: says.bullets, icon: List, run: (e) => e.chain().focus().toggleBulletList().run(), inText: true },
    {
      name: 'orderedList',
      label: says.numbers,
      icon: ListOrdered,
      run: (e) => e.chain().focus().toggleOrderedList().run(),
      inText: true,
    },
  ]
  const tools = all.filter(({ inText }) => !isLine || !inText)
  const active = useEditorState({ editor, selector: ({ editor: e }) => tools.map(({ name }) => e.isActive(name)) })
  return (
    <div className={styles.tools} role="toolbar" aria-label={says.tools}>
      {tools.map(({ name, label, icon: Icon, run }, i) => (
        <ActionIcon
          key={name}
          size="sm"
          variant={active[i] ? 'light' : 'subtle'}
          color={active[i] ? 'petrol' : 'gray'}
          aria-label={label}
          title={label}
          aria-pressed={active[i] ?? false}
          onClick={() => run(editor)}
        >
          <Icon size={14} aria-hidden />
        </ActionIcon>
      ))}
      <LinkTool editor={editor} />
    </div>
  )
}

function LinkTool({ editor }: { editor: Editor }) {
  const says = t.content.blocks
  const [href, setHref] = useState<string | null>(null)
  const isActive = useEditorState({ editor, selector: ({ editor: e }) => e.isActive('link') })
  function apply() {
    const target = href?.trim() ?? ''
    const chain = editor.chain().focus().extendMarkRange('link')
    const whole = /^([a-z]+:|\{\{|#)/i.test(target) ? target : target.includes('@') ? `mailto:${target}` : `https://${target}`
    if (target === '') chain.unsetLink().run()
    else if (editor.state.selection.empty && !isActive)
      chain.insertContent({ type: 'text', text: target, marks: [{ type: 'link', attrs: { href: whole } }] }).run()
    else chain.setLink({ href: whole }).run()
    setHref(null)
  }
  return (
    <Popover opened={href !== null} onChange={(open) => open || setHref(null)} trapFocus withinPortal position="bottom-start">
      <Popover.Target>
        <ActionIcon
          size="sm"
          variant={isActive ? 'light' : 'subtle'}
          color={isActive ? 'petrol' : 'gray'}
          aria-label={says.setLink}
          title={says.setLink}
          aria-pressed={isActive}
          onClick={() => setHref(href === null ? ((editor.getAttributes('link').href as string | undefined) ?? '') : null)}
        >
          <LinkIcon size={14} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={styles.link}
          onSubmit={(event) => {
            event.preventDefault()
            event.stopPropagation()
            apply()
          }}
        >
          <TextInput
            size="xs"
            aria-label={says.linkAddress}
            placeholder="https://"
            data-autofocus
            value={href ?? ''}
            onChange={(event) => setHref(event.currentTarget.value)}
          />
          <Button size="xs" type="submit">
            {says.apply}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
