"""One run of a model, with what went into and came out of each of its modules."""
import torch


class Run:
    """Inputs and outputs of one sequence, by module name, without the batch axis.

    row and count: the sequence's place in a padded batch, and its length without padding.
    """

    def __init__(self, model, inputs, row=0, count=None, attentions=True):
        self.row, self.count = row, count
        self.batch, self.length = next(iter(inputs.values())).shape[:2]
        self.inputs, self.outputs = {}, {}
        handles = [module.register_forward_hook(self._keep(name), with_kwargs=True)
                   for name, module in model.named_modules()]
        self.result = model(**inputs, **({"output_attentions": True} if attentions else {}))
        for handle in handles:
            handle.remove()
        self.patterns = [a[row][:, :count, :count] for a in self.result.attentions] if attentions else None

    def _keep(self, name):
        def keep(_, args, kwargs, out):
            first = args[0] if args else kwargs.get("hidden_states")
            out = out[0] if isinstance(out, tuple) else out
            self.inputs[name] = self._own(first)
            self.outputs[name] = self._own(out)
        return keep

    def _own(self, value):
        """This sequence's positions of a batched activation, whose batch OPT flattens now and then."""
        if not isinstance(value, torch.Tensor) or value.dim() < 2:
            return None
        if value.shape[0] == self.batch * self.length != self.batch:
            value = value.reshape(self.batch, self.length, *value.shape[1:])
        return self.sequence(value).clone() if value.shape[0] in (1, self.batch) else None

    def sequence(self, batched):
        """This sequence's part of a batched tensor; a batch of one is every sequence's."""
        value = batched[self.row if batched.shape[0] > 1 else 0]
        return value[:self.count] if value.dim() > 1 else value

    def into(self, name):
        return self.inputs[name]

    def out(self, name):
        return self.outputs[name]
