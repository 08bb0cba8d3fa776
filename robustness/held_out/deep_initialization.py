# %% zeros_last_layer_missing: initialize_parameters_zeros
# cause: the last layer is missing: the range is one short
# told: last layer|missing|W\d
def initialize_parameters_zeros(layer_dims):
    parameters = {}
    L = len(layer_dims)
    for l in range(1, L - 1):
        parameters["W" + str(l)] = np.zeros((layer_dims[l], layer_dims[l - 1]))
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters


# %% zeros_transposed: initialize_parameters_zeros
# cause: the weights are transposed, (n_{l-1}, n_l)
# told: transpos|shape
def initialize_parameters_zeros(layer_dims):
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters["W" + str(l)] = np.zeros((layer_dims[l - 1], layer_dims[l]))
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters


# %% zeros_keys_from_zero: initialize_parameters_zeros
# cause: the keys begin with W0
# told: W0|from 0|one too|shift
def initialize_parameters_zeros(layer_dims):
    parameters = {}
    for l in range(len(layer_dims) - 1):
        parameters[f"W{l}"] = np.zeros((layer_dims[l + 1], layer_dims[l]))
        parameters[f"b{l}"] = np.zeros((layer_dims[l + 1], 1))
    return parameters


# %% random_ignores_scale: initialize_parameters_random
# cause: scale is never read; 0.01 is written out
# told: scale
def initialize_parameters_random(layer_dims, scale=0.01):
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters[f"W{l}"] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * 0.01
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


# %% random_default_scale: initialize_parameters_random
# cause: the default of scale is 10, not 0.01
# told: default|scale
def initialize_parameters_random(layer_dims, scale=10):
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters[f"W{l}"] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * scale
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


# %% random_variance: initialize_parameters_random
# cause: scale is used as a variance: the root of it multiplies the draws
# told: root|variance|standard deviation|scale
def initialize_parameters_random(layer_dims, scale=0.01):
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters[f"W{l}"] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * np.sqrt(scale)
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


# %% random_same_rows: initialize_parameters_random
# cause: one row is drawn and copied, so that all units of a layer are equal
# told: row|cop|same|equal|repeat
def initialize_parameters_random(layer_dims, scale=0.01):
    parameters = {}
    for l in range(1, len(layer_dims)):
        row = np.random.randn(1, layer_dims[l - 1]) * scale
        parameters[f"W{l}"] = np.repeat(row, layer_dims[l], axis=0)
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


# %% he_variance: initialize_parameters_he
# cause: 2/n without the root
# told: root|variance
def initialize_parameters_he(layer_dims):
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters[f"W{l}"] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * (2 / layer_dims[l - 1])
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


# %% he_fan_out: initialize_parameters_he
# cause: the layer's own units instead of those that feed it
# told: fan|own|feed|units of
def initialize_parameters_he(layer_dims):
    parameters = {}
    for l in range(1, len(layer_dims)):
        s = np.sqrt(2.0 / layer_dims[l])
        parameters[f"W{l}"] = np.random.normal(0, s, (layer_dims[l], layer_dims[l - 1]))
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


# %% he_xavier: initialize_parameters_he
# cause: 1 over n instead of 2 over n
# told: Xavier|1 ?/ ?n|root of 2|tanh|1/|0\.7
def initialize_parameters_he(layer_dims):
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters[f"W{l}"] = np.random.randn(layer_dims[l], layer_dims[l - 1]) / np.sqrt(layer_dims[l - 1])
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


# %% forward_relu_everywhere: L_model_forward
# cause: the last layer takes the relu too
# told: relu|sigmoid|last
def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L + 1):
        A_prev = A
        Z = np.dot(parameters["W" + str(l)], A_prev) + parameters["b" + str(l)]
        A = np.maximum(0, Z)
        caches.append((A_prev, parameters["W" + str(l)], parameters["b" + str(l)], Z))
    return A, caches


# %% forward_leaky: L_model_forward
# cause: the hidden layers are leaky relus
# told: leak|relu|negative
def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        A_prev = A
        Z = np.dot(parameters["W" + str(l)], A_prev) + parameters["b" + str(l)]
        A = np.maximum(0.01 * Z, Z)
        caches.append((A_prev, parameters["W" + str(l)], parameters["b" + str(l)], Z))
    Z = np.dot(parameters["W" + str(L)], A) + parameters["b" + str(L)]
    caches.append((A, parameters["W" + str(L)], parameters["b" + str(L)], Z))
    return sigmoid(Z), caches


# %% forward_no_biases: L_model_forward
# cause: the biases of the hidden layers are not added
# told: bias|\bb
def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        Z = parameters["W" + str(l)] @ A
        caches.append((A, parameters["W" + str(l)], Z))
        A = np.maximum(0, Z)
    Z = parameters["W" + str(L)] @ A + parameters["b" + str(L)]
    caches.append((A, parameters["W" + str(L)], Z))
    return sigmoid(Z), caches


# %% forward_three_layers: L_model_forward
# cause: always three layers, whatever the parameters hold
# told: layers|KeyError|W3
def L_model_forward(X, parameters):
    A1 = np.maximum(0, parameters["W1"] @ X + parameters["b1"])
    A2 = np.maximum(0, parameters["W2"] @ A1 + parameters["b2"])
    A3 = sigmoid(parameters["W3"] @ A2 + parameters["b3"])
    return A3, [X, A1, A2, A3]


# %% backward_lists_db_sum: L_model_backward
# cause: db is not divided by m, in no layer (caches are tuples)
# told: db.*(times as large|1/m|\bm\b|average|mean|divi|sum)
def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L + 1):
        A_prev = A
        W, b = parameters["W" + str(l)], parameters["b" + str(l)]
        Z = np.dot(W, A_prev) + b
        A = np.maximum(0, Z) if l < L else sigmoid(Z)
        caches.append(((A_prev, W, b), Z))
    return A, caches


def L_model_backward(AL, Y, caches):
    grads = {}
    m = AL.shape[1]
    dZ = AL - Y
    for l in reversed(range(len(caches))):
        (A_prev, W, b), Z = caches[l]
        grads["dW" + str(l + 1)] = np.dot(dZ, A_prev.T) / m
        grads["db" + str(l + 1)] = np.sum(dZ, axis=1, keepdims=True)
        if l > 0:
            dZ = np.dot(W.T, dZ) * (caches[l - 1][1] > 0)
    return grads


# %% backward_no_relu_slope: L_model_backward
# cause: the slope of the relu is missing on the way back (caches are a dict)
# told: slope|relu|negative
def L_model_forward(X, parameters):
    memory = {"A0": X}
    L = len(parameters) // 2
    for l in range(1, L + 1):
        memory[f"W{l}"] = parameters[f"W{l}"]
        Z = parameters[f"W{l}"] @ memory[f"A{l - 1}"] + parameters[f"b{l}"]
        memory[f"Z{l}"] = Z
        memory[f"A{l}"] = np.maximum(0, Z) if l < L else sigmoid(Z)
    memory["L"] = L
    return memory[f"A{L}"], memory


def L_model_backward(AL, Y, caches):
    grads = {}
    m = Y.shape[1]
    dZ = AL - Y
    for l in range(caches["L"], 0, -1):
        grads[f"dW{l}"] = dZ @ caches[f"A{l - 1}"].T / m
        grads[f"db{l}"] = dZ.mean(axis=1, keepdims=True)
        dZ = caches[f"W{l}"].T @ dZ
    return grads


# %% backward_mask_wrong_layer: L_model_backward
# cause: `>= 0` on A lets everything through, so that the relu has no slope (caches are lists)
# told: slope|relu|Z|layer
def L_model_forward(X, parameters):
    L = len(parameters) // 2
    As, Zs, Ws = [X], [], []
    for l in range(1, L + 1):
        Ws.append(parameters[f"W{l}"])
        Zs.append(Ws[-1] @ As[-1] + parameters[f"b{l}"])
        As.append(sigmoid(Zs[-1]) if l == L else np.maximum(0, Zs[-1]))
    return As[-1], [As, Zs, Ws]


def L_model_backward(AL, Y, caches):
    As, Zs, Ws = caches
    m = Y.shape[1]
    dZ = AL - Y
    grads = {}
    for l in range(len(Ws), 0, -1):
        grads[f"dW{l}"] = dZ @ As[l - 1].T / m
        grads[f"db{l}"] = np.sum(dZ, axis=1, keepdims=True) / m
        if l > 1:
            dZ = Ws[l - 1].T @ dZ * (As[l - 1] >= 0)
    return grads


# %% backward_sign: L_model_backward
# cause: Y - AL: all gradients have the wrong sign (helper function)
# told: sign|-1|Y - AL|other way round
def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L + 1):
        W, b = parameters["W" + str(l)], parameters["b" + str(l)]
        Z = W @ A + b
        caches.append({"A": A, "W": W, "Z": Z})
        A = np.maximum(0, Z) if l < L else sigmoid(Z)
    return A, caches


def linear_back(dZ, cache):
    m = cache["A"].shape[1]
    return np.dot(dZ, cache["A"].T) / m, np.sum(dZ, axis=1, keepdims=True) / m, cache["W"].T @ dZ


def L_model_backward(AL, Y, caches):
    grads = {}
    dZ = Y - AL
    for l in range(len(caches), 0, -1):
        dW, db, dA = linear_back(dZ, caches[l - 1])
        grads["dW" + str(l)], grads["db" + str(l)] = dW, db
        if l > 1:
            dZ = dA * (caches[l - 2]["Z"] > 0)
    return grads


# %% backward_db_flat: L_model_backward
# cause: db has no keepdims: shape (n,), not (n, 1)
# told: shape|keepdims
def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L + 1):
        W, b = parameters["W" + str(l)], parameters["b" + str(l)]
        Z = W @ A + b
        caches.append([A, W, Z])
        A = np.maximum(0, Z) if l < L else sigmoid(Z)
    return A, caches


def L_model_backward(AL, Y, caches):
    grads = {}
    m = Y.shape[1]
    dZ = AL - Y
    for l in range(len(caches), 0, -1):
        A, W, Z = caches[l - 1]
        grads["dW" + str(l)] = dZ @ A.T / m
        grads["db" + str(l)] = np.sum(dZ, axis=1) / m
        if l > 1:
            dZ = W.T @ dZ * (caches[l - 2][2] > 0)
    return grads


# %% backward_tuple_of_lists: L_model_backward
# cause: the gradients come as a tuple of two lists
# told: tuple|dict
def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L + 1):
        W, b = parameters["W" + str(l)], parameters["b" + str(l)]
        Z = W @ A + b
        caches.append([A, W, Z])
        A = np.maximum(0, Z) if l < L else sigmoid(Z)
    return A, caches


def L_model_backward(AL, Y, caches):
    dWs, dbs = [], []
    m = Y.shape[1]
    dZ = AL - Y
    for l in range(len(caches), 0, -1):
        A, W, Z = caches[l - 1]
        dWs.insert(0, dZ @ A.T / m)
        dbs.insert(0, np.sum(dZ, axis=1, keepdims=True) / m)
        if l > 1:
            dZ = W.T @ dZ * (caches[l - 2][2] > 0)
    return dWs, dbs


# %% stds_variance: activation_stds
# cause: the variance instead of the standard deviation
# told: varianc|root|squar
def activation_stds(X, parameters):
    A = X
    stds = []
    L = len(parameters) // 2
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        A = np.maximum(0, Z) if l < L else sigmoid(Z)
        stds.append(np.var(A))
    return stds


# %% stds_with_X: activation_stds
# cause: X counts as a layer: one number too many at the front
# told: X|one (number )?too many|L numbers|L \+ 1|length|longer|numbers
def activation_stds(X, parameters):
    A = X
    stds = [np.std(X)]
    L = len(parameters) // 2
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        A = np.maximum(0, Z) if l < L else sigmoid(Z)
        stds.append(np.std(A))
    return stds


# %% stds_of_Z: activation_stds
# cause: of Z, not of A
# told: Z
def activation_stds(X, parameters):
    A = X
    stds = []
    L = len(parameters) // 2
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        A = np.maximum(0, Z) if l < L else sigmoid(Z)
        stds.append(float(np.std(Z)))
    return stds


# %% stds_last_only: activation_stds
# cause: return inside the loop: only the first layer's
# told: return|loop|first layer|only|one number|1 number|\bcut short
def activation_stds(X, parameters):
    A = X
    stds = []
    L = len(parameters) // 2
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        A = np.maximum(0, Z) if l < L else sigmoid(Z)
        stds.append(float(np.std(A)))
        return stds


# %% z_from_zero: initialize_parameters_zeros
# cause: numbered from 0
# told: W0 → W1
def initialize_parameters_zeros(layer_dims):
    out = {}
    for l, (a, b) in enumerate(zip(layer_dims[:-1], layer_dims[1:])):
        out[f"W{l}"] = np.zeros((b, a))
        out[f"b{l}"] = np.zeros((b, 1))
    return out


# %% f_skip_one: L_model_forward
# cause: the last hidden layer is skipped in the loop's range
# told: one round too few
def L_model_forward(X, parameters):
    A, caches = X, []
    L = len(parameters) // 2
    for l in range(1, L - 1):
        W, b = parameters[f"W{l}"], parameters[f"b{l}"]
        Z = W @ A + b
        caches.append({"A_prev": A, "W": W, "Z": Z})
        A = np.maximum(0, Z)
    W, b = parameters[f"W{L}"], parameters[f"b{L}"]
    Z = W @ A + b
    caches.append({"A_prev": A, "W": W, "Z": Z})
    return sigmoid(Z), caches


# %% r_uniform: initialize_parameters_random
# cause: uniform between -scale and scale
# told: evenly
def initialize_parameters_random(layer_dims, scale=0.01):
    rng = np.random.default_rng()
    p = {}
    for l in range(1, len(layer_dims)):
        p[f"W{l}"] = rng.uniform(-scale, scale, (layer_dims[l], layer_dims[l - 1]))
        p[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return p


# %% r_decay: initialize_parameters_random
# cause: the scale is multiplied in again in each layer
# told: standard deviation
def initialize_parameters_random(layer_dims, scale=0.01):
    p, s = {}, 1.0
    for l in range(1, len(layer_dims)):
        s = s * scale
        p[f"W{l}"] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * s
        p[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return p


# %% r_seed_in_loop: initialize_parameters_random
# cause: seeds inside the loop
# told: seed
def initialize_parameters_random(layer_dims, scale=0.01):
    p = {}
    for l in range(1, len(layer_dims)):
        np.random.seed(l)
        p[f"W{l}"] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * scale
        p[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return p


# %% h_last_xavier: initialize_parameters_he
# cause: last layer has sqrt(1/n)
# told: W3.*0.7
def initialize_parameters_he(layer_dims):
    p, L = {}, len(layer_dims) - 1
    for l in range(1, L + 1):
        n_out, n_in = layer_dims[l], layer_dims[l - 1]
        p[f"W{l}"] = np.random.randn(n_out, n_in) * np.sqrt((2 if l < L else 1) / n_in)
        p[f"b{l}"] = np.zeros((n_out, 1))
    return p


# %% b_slope_sigmoid_all: L_model_backward
# cause: sigmoid slope of the hidden activations
# told: `dZ`
def L_model_backward(AL, Y, caches):
    m = Y.shape[1]
    grads, dZ = {}, AL - Y
    for l in range(len(caches), 0, -1):
        c = caches[l - 1]
        A = c["A_prev"]
        grads[f"dW{l}"] = dZ @ A.T / m
        grads[f"db{l}"] = dZ.sum(axis=1, keepdims=True) / m
        if l > 1:
            dZ = (c["W"].T @ dZ) * A * (1 - A)
    return grads


# %% b_dA_form: L_model_backward
# cause: starts from dA = -(Y/A) + (1-Y)/(1-A) without the sigmoid's slope
# told: `dZ` in line 3
def L_model_backward(AL, Y, caches):
    m = Y.shape[1]
    grads, dZ = {}, -(Y / AL) + (1 - Y) / (1 - AL)
    for l in range(len(caches), 0, -1):
        c = caches[l - 1]
        grads[f"dW{l}"] = dZ @ c["A_prev"].T / m
        grads[f"db{l}"] = dZ.sum(axis=1, keepdims=True) / m
        if l > 1:
            dZ = (c["W"].T @ dZ) * (caches[l - 2]["Z"] > 0)
    return grads


# %% b_m_hidden: L_model_backward
# cause: divides by the layer's width rather than m
# told: Line 5
def L_model_backward(AL, Y, caches):
    grads, dZ = {}, AL - Y
    for l in range(len(caches), 0, -1):
        c = caches[l - 1]
        m = c["A_prev"].shape[0]
        grads[f"dW{l}"] = dZ @ c["A_prev"].T / m
        grads[f"db{l}"] = dZ.sum(axis=1, keepdims=True) / m
        if l > 1:
            dZ = (c["W"].T @ dZ) * (caches[l - 2]["Z"] > 0)
    return grads


# %% zeros_bias_row: initialize_parameters_zeros
# cause: the biases have the shape (1, n_l) and not (n_l, 1)
# told: b1.*transposed
def initialize_parameters_zeros(layer_dims):
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters[f"W{l}"] = np.zeros((layer_dims[l], layer_dims[l - 1]))
        parameters[f"b{l}"] = np.zeros((1, layer_dims[l]))
    return parameters


# %% random_loc_for_scale: initialize_parameters_random
# cause: scale is passed as the mean; the standard deviation is 1
# told: W1.*standard deviation .*depend
def initialize_parameters_random(layer_dims, scale=0.01):
    params = {}
    rng = np.random.default_rng()
    for l in range(1, len(layer_dims)):
        params[f"W{l}"] = rng.normal(scale, size=(layer_dims[l], layer_dims[l - 1]))
        params[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return params


# %% he_integer_division: initialize_parameters_he
# cause: 2 // n is 0 for n > 2, so weights are all zero
# told: W1.*all zero in some
def initialize_parameters_he(layer_dims):
    params = {}
    for l in range(1, len(layer_dims)):
        params[f"W{l}"] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * np.sqrt(2 // layer_dims[l - 1])
        params[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return params


# %% forward_swapped: L_model_forward
# cause: it returns the caches first, AL second
# told: another order
def L_model_forward(X, parameters):
    A = X
    L = len(parameters) // 2
    caches = []
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        caches.append((A, Z, parameters[f"W{l}"]))
        A = sigmoid(Z) if l == L else np.maximum(0, Z)
    return caches, A


# %% forward_max_scalar: L_model_forward
# cause: max(0, the largest entry) is taken for the ReLU of each entry
# told: `A` in line 8
def L_model_forward(X, parameters):
    A = X
    L = len(parameters) // 2
    caches = []
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        caches.append((A, Z, parameters[f"W{l}"]))
        A = sigmoid(Z) if l == L else np.full(Z.shape, max(0, Z.max()))
    return A, caches


# %% forward_standardises: L_model_forward
# cause: it normalises X (subtracts the mean) before the first layer
# told: Line 2.*subtracted
def L_model_forward(X, parameters):
    A = X - X.mean(axis=1, keepdims=True)
    L = len(parameters) // 2
    caches = []
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        caches.append((A, Z, parameters[f"W{l}"]))
        A = sigmoid(Z) if l == L else np.maximum(0, Z)
    return A, caches


# %% stds_variance: activation_stds
# cause: it returns variances, not standard deviations
# told: square
def activation_stds(X, parameters):
    A, stds = X, []
    L = len(parameters) // 2
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        A = sigmoid(Z) if l == L else np.maximum(0, Z)
        stds.append(np.mean((A - A.mean()) ** 2))
    return np.array(stds)


# %% stds_relu_output: activation_stds
# cause: the output layer is a ReLU and not a sigmoid
# told: wrong in the last entry
def activation_stds(X, parameters):
    A, stds = X, []
    for l in range(1, len(parameters) // 2 + 1):
        A = np.maximum(0, parameters[f"W{l}"] @ A + parameters[f"b{l}"])
        stds.append(A.std())
    return stds


# %% stds_reverse: activation_stds
# cause: the list is in the reverse order, last layer first
# told: reverse order
def activation_stds(X, parameters):
    A, stds = X, []
    L = len(parameters) // 2
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        A = sigmoid(Z) if l == L else np.maximum(0, Z)
        stds.insert(0, A.std())
    return stds


# %% back_l2: L_model_backward
# cause: a weight-decay term (W/m) is added to dW
# told: Line 7.*`W / m`
def L_model_forward(X, parameters):
    A = X
    L = len(parameters) // 2
    caches = []
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        caches.append((A, parameters[f"W{l}"], Z))
        A = sigmoid(Z) if l == L else np.maximum(0, Z)
    return A, caches


def L_model_backward(AL, Y, caches):
    m = Y.shape[1]
    grads = {}
    dZ = AL - Y
    for l in range(len(caches), 0, -1):
        A_prev, W, Z = caches[l - 1]
        grads[f"dW{l}"] = dZ @ A_prev.T / m + W / m
        grads[f"db{l}"] = np.mean(dZ, axis=1, keepdims=True)
        if l > 1:
            dZ = (W.T @ dZ) * (caches[l - 2][2] > 0)
    return grads


# %% back_int_mask_buffer: L_model_backward
# cause: the gradients are rounded to whole numbers by an integer buffer
# told: decimal point are cut off
def L_model_forward(X, parameters):
    A = X
    L = len(parameters) // 2
    caches = []
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        caches.append((A, parameters[f"W{l}"], Z))
        A = sigmoid(Z) if l == L else np.maximum(0, Z)
    return A, caches


def L_model_backward(AL, Y, caches):
    m = Y.shape[1]
    grads = {}
    dZ = AL - Y
    for l in range(len(caches), 0, -1):
        A_prev, W, Z = caches[l - 1]
        dW = np.zeros(W.shape, dtype=int)
        dW[:] = dZ @ A_prev.T / m
        grads[f"dW{l}"] = dW
        grads[f"db{l}"] = np.mean(dZ, axis=1, keepdims=True)
        if l > 1:
            dZ = (W.T @ dZ) * (caches[l - 2][2] > 0)
    return grads


# %% back_last_example_only: L_model_backward
# cause: only the last example counts: the loop over examples overwrites instead of adding
# told: only the last example
def L_model_forward(X, parameters):
    A = X
    L = len(parameters) // 2
    caches = []
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        caches.append((A, parameters[f"W{l}"], Z))
        A = sigmoid(Z) if l == L else np.maximum(0, Z)
    return A, caches


def L_model_backward(AL, Y, caches):
    m = Y.shape[1]
    grads = {}
    for i in range(m):
        dz = (AL - Y)[:, i:i+1]
        for l in range(len(caches), 0, -1):
            A_prev, W, Z = caches[l - 1]
            grads[f"dW{l}"] = dz @ A_prev[:, i:i+1].T / m
            grads[f"db{l}"] = dz / m
            if l > 1:
                dz = (W.T @ dz) * (caches[l - 2][2][:, i:i+1] > 0)
    return grads
