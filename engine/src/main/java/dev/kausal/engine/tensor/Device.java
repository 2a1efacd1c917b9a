package dev.kausal.engine.tensor;

import ai.djl.ndarray.NDManager;

/**
 * Device of a model's weights and activations, passed down from where the model is opened.
 *
 * @param name for records and messages, such as {@code cpu}
 * @param memory DJL's device
 * @param tuning sizes tuned for the device
 */
public record Device(String name, ai.djl.Device memory, Tuning tuning) {
    /** The processor. */
    public static final Device CPU = new Device("cpu", ai.djl.Device.cpu(), Tuning.CPU);

    /** Returns a new root manager of arrays on this device; the caller closes it. */
    public NDManager manager() {
        return NDManager.newBaseManager(memory, "PyTorch");
    }

    /** Opens a scope for the temporaries of one step on this thread; scopes close in the reverse order. */
    public Scope scope() {
        return new Scope(manager());
    }

    /** Returns the same device with other tuning. */
    public Device with(Tuning other) {
        return new Device(name, memory, other);
    }
}
