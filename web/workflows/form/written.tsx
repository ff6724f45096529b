import { Menu, Textarea, TextInput } from '@mantine/core'
import { Braces } from 'lucide-react'
import { useRef } from 'react'
import { t } from '../../texts/texts.ts'
import { useDrawing } from '../edit/drawing.ts'
import type { FieldProps } from './field.tsx'
import styles from './form.module.css'
import { type KnownField, knownFields } from './known-fields.ts'

const SHORT = 500

/** Text with values in it (`{{ … }}`), HTML, or an expression. What is known can be put in where the cursor stands. */
export function WrittenField({ schema, label, path, value, isRequired, hint, errorOf, onChange }: FieldProps) {
  const { editor, references } = useDrawing()
  const box = useRef<HTMLTextAreaElement & HTMLInputElement>(null)
  const text = typeof value === 'string' ? value : ''
  const isExpression = schema.role === 'expression'
  const told = (next: string) => onChange(next === '' && !isRequired ? undefined : next)
  function insert({ name }: KnownField) {
    const put = isExpression ? name : `{{ ${name} }}`
    const at = box.current?.selectionStart ?? text.length
    const to = box.current?.selectionEnd ?? at
    told(`${text.slice(0, at)}${put}${text.slice(to)}`)
    window.requestAnimationFrame(() => {
      box.current?.focus()
      box.current?.setSelectionRange(at + put.length, at + put.length)
    })
  }
  const common = {
    ref: box,
    label,
    description: hint ?? (isExpression ? t.workflowForms.expression : undefined),
    value: text,
    error: errorOf(path),
    classNames: { input: isExpression || schema.role === 'html' ? (styles.code ?? '') : '' },
    onChange: (event: { currentTarget: { value: string } }) => told(event.currentTarget.value),
  }
  return (
    <div className={styles.written}>
      <Insert label={label} fields={knownFields(editor.graph, references)} onInsert={insert} />
      {isExpression || path === 'url' || (schema.maxLength ?? 0) <= SHORT ? (
        <TextInput {...common} />
      ) : (
        <Textarea {...common} autosize minRows={3} maxRows={14} />
      )}
    </div>
  )
}

function Insert({
  label,
  fields,
  onInsert,
}: {
  label: string
  fields: readonly KnownField[]
  onInsert: (field: KnownField) => void
}) {
  const groups = [...new Set(fields.map((field) => field.group))]
  const says = t.workflows.form
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <button type="button" className={styles.insert} aria-label={`${says.insertHint}: ${label}`}>
          <Braces size={12} aria-hidden />
          {says.insert}
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={340} className={styles.menu ?? ''}>
        {groups.map((group) => (
          <div key={group}>
            <Menu.Label>{says.fieldGroups[group]}</Menu.Label>
            {fields
              .filter((field) => field.group === group)
              .map((field) => (
                <Menu.Item
                  key={field.name}
                  rightSection={<code className={styles.name}>{field.name}</code>}
                  onClick={() => onInsert(field)}
                >
                  {field.label}
                </Menu.Item>
              ))}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
