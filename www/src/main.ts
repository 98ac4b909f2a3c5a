import { DynamoPlayground } from './playground';

customElements.define('dynamo-playground', DynamoPlayground);

declare global {
  interface HTMLElementTagNameMap {
    'dynamo-playground': DynamoPlayground;
  }
}
