package dev.kausal.engine.weights;

import java.nio.file.Path;

/** Weights as a Python pickle (PyTorch's older format), which can run arbitrary code when loaded. */
public final class PickleRefusedException extends WeightsException {
    private static final long serialVersionUID = 1L;

    private final String sign;

    /**
     * @param path the file
     * @param sign how it was recognised, such as its name or its first bytes
     */
    public PickleRefusedException(Path path, String sign) {
        super(
                Blame.USER,
                path,
                "Refused to open " + path + ": expected safetensors or GGUF, found a Python pickle (" + sign
                        + "). Loading a pickle can run arbitrary code. Convert the model to safetensors"
                        + " (save_pretrained(..., safe_serialization=True)) on a machine where you trust it.");
        this.sign = sign;
    }

    public String sign() {
        return sign;
    }
}
