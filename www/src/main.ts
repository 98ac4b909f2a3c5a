import { DynamoPlayground } from './playground';

customElements.define('dynamo-playground', DynamoPlayground);

/** Tabs of one ring are told apart by their titles. */
document.addEventListener('dynamo-node', ({ detail: { name, ring } }) => {
  document.title = `${name} · ${ring} · Dynamo playground`;
});

declare global {
  interface DocumentEventMap {
    'dynamo-node': CustomEvent<{ name: string; ring: string }>;
  }
  interface HTMLElementTagNameMap {
    'dynamo-playground': DynamoPlayground;
  }
}
