"""The pages 中试专栏: server-rendered, over the same `/v1` that programs use."""
