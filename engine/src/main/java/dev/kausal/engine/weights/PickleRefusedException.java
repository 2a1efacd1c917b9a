package dev.kausal.engine.weights;

import java.nio.file.Path;

/** The weights are a Python pickle (PyTorch's older format), which can run any code when loaded. */
public final class PickleRefusedException extends WeightsException {
    private static final long serialVersionUID = 1L;

    private final String sign;

    /**
     * @param path the file
     * @param sign what gives it away, such as its name or its first bytes
     */
    public PickleRefusedException(Path path, String sign) {
        super(
                Blame.USER,
                path,
                "Refused to open " + path + ": expected safetensors or GGUF, found a Python pickle (" + sign
                        + "). A pickle can run code when it is loaded. Convert the model to safetensors"
                        + " (save_pretrained(..., safe_serialization=True)) where you trust it.");
        this.sign = sign;
    }

    public String sign() {
        return sign;
    }
}
