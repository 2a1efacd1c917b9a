package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A GPU that was requested and cannot be used. */
public final class GpuUnavailable extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String device;
    private final String found;

    GpuUnavailable(String device, String found) {
        super(
                Blame.MACHINE,
                "Expected an NVIDIA GPU for the device " + device + "; found that " + found
                        + ". Use another device, such as cpu, or install NVIDIA's driver.");
        this.device = device;
        this.found = found;
    }

    /** Returns the device's name. */
    public String device() {
        return device;
    }

    /** Returns what was found instead. */
    public String found() {
        return found;
    }
}
