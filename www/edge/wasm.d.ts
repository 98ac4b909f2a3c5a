/** In workerd a module's file is imported as what it holds. */
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
