package dev.kausal.engine.tensor;

import ai.djl.ndarray.NDManager;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

    /**
     * Returns the device of a name: {@code cpu}, {@code cuda} for the first GPU, or {@code cuda:1} for the one with this
     * number. Whether there is such a GPU is not checked.
     *
     * @throws UnknownDeviceException if the name is of another form
     */
    public static Device of(String name) {
        if (name.equals(CPU.name())) {
            return CPU;
        }
        Matcher cuda = CUDA.matcher(name);
        if (!cuda.matches()) {
            throw new UnknownDeviceException(name);
        }
        int number = cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1));
        return new Device("cuda:" + number, ai.djl.Device.gpu(number), Tuning.CUDA);
    }

    /** Returns whether arrays are in the memory of a GPU. */
    public boolean isGpu() {
        return memory.isGpu();
    }

    /** Returns a new root manager of arrays on this device; the caller closes it. */
    public NDManager manager() {
        Torch.load();
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
