"""One run of a model, with what went into and came out of each of its modules, and gradients of these."""
import torch


class Run:
    """Inputs and outputs of one sequence, by module name, without the batch axis.

    row and count: the sequence's place in a padded batch, and its length without padding. Where autograd
    is on, what is given out are leaves, and pulled has the objective's gradient at each.
    """

    def __init__(self, model, inputs, row=0, count=None, attentions=True):
        self.row, self.count = row, count
        self.config = getattr(model, "config", None)
        self.batch, self.length = next(iter(inputs.values())).shape[:2]
        self.inputs, self.outputs, self.live, self.multiples = {}, {}, {}, []
        handles = [module.register_forward_hook(self._keep(name), with_kwargs=True)
                   for name, module in model.named_modules()]
        self.result = model(**inputs, **({"output_attentions": True} if attentions else {}))
        for handle in handles:
            handle.remove()
        if torch.is_grad_enabled():
            self._pull()
        self.patterns = [a[row][:, :count, :count] for a in self.result.attentions] if attentions else None

    def _keep(self, name):
        def keep(_, args, kwargs, out):
            if name in self.outputs:
                return  # a later call is of something else, such as embeddings of distances
            first = args[0] if args else kwargs.get("hidden_states")
            out = out[0] if isinstance(out, tuple) else out
            self.inputs[name] = self._own(first)
            self.outputs[name] = self._own(out)
            self.live["inputs", name], self.live["outputs", name] = first, out
        return keep

    def _pull(self):
        """The objective's gradient at everything kept."""
        self.value = objective(head_outputs(self.result))
        kept = [(kind, name) for kind, name in self.live if getattr(self, kind)[name] is not None
                and self.live[kind, name].requires_grad]
        found = torch.autograd.grad(self.value, [self.live[key] for key in kept], allow_unused=True)
        self.pulled = Pulled()
        for (kind, name), gradient in zip(kept, found):
            leaf = getattr(self, kind)[name] = getattr(self, kind)[name].detach().requires_grad_()
            own = torch.zeros_like(leaf) if gradient is None else self._own(gradient)
            getattr(self.pulled, kind)[name] = own
            self.pulled.by_leaf[id(leaf)] = own

    def _own(self, value):
        """This sequence's positions of a batched activation, whose batch OPT flattens now and then."""
        if not isinstance(value, torch.Tensor) or value.dim() < 2:
            return None
        if value.shape[0] == self.batch * self.length != self.batch:
            value = value.reshape(self.batch, self.length, *value.shape[1:])
        return self.sequence(value).clone() if value.shape[0] in (1, self.batch) else None

    def scaled(self, value, scale):
        """A multiple of a kept activation, with its gradient. scale: a number, or one for each column."""
        if isinstance(scale, (int, float)) and scale == 1:
            return value
        multiple = value * scale
        if torch.is_grad_enabled():
            multiple = multiple.detach().requires_grad_()
            self.pulled.by_leaf[id(multiple)] = self.pulled.by_leaf[id(value)] / scale
            self.multiples.append(multiple)  # so that no other tensor gets its id
        return multiple

    def sequence(self, batched):
        """This sequence's part of a batched tensor; a batch of one is every sequence's."""
        value = batched[self.row if batched.shape[0] > 1 else 0]
        return value[:self.count] if value.dim() > 1 else value

    def into(self, name):
        return self.inputs[name]

    def out(self, name):
        return self.outputs[name]


class Pulled:
    """Gradients at what went into and came out of modules."""

    def __init__(self):
        self.inputs, self.outputs, self.by_leaf = {}, {}, {}

    def out(self, name):
        return self.outputs[name]


class Through:
    """What modules make of x, each by itself; remembers which were asked."""

    def __init__(self, model, x):
        self.model, self.x, self.asked = model, x, []

    def out(self, name):
        self.asked.append(name)
        return self.model.get_submodule(name)(self.x)


def head_outputs(result):
    """Logits, or hidden states of a model without a head; of answers' places, start and end are two classes."""
    if hasattr(result, "start_logits"):
        return torch.stack([result.start_logits, result.end_logits], -1)
    return getattr(result, "logits", getattr(result, "image_embeds", getattr(result, "last_hidden_state", result)))


def objective(outputs):
    """The number whose gradients are dumped: outputs times the cosines of their places, summed."""
    return (outputs * cosines(outputs)).sum()


def cosines(outputs):
    """cos(0), cos(1), ... in the shape of outputs."""
    return torch.arange(outputs.numel(), dtype=torch.float64).cos().to(outputs.dtype).reshape(outputs.shape)
