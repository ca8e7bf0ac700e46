-- What Neovim (0.7 and later) does with `moonlight lsp`, driven by lsp_clients.py: it types, undoes, jumps, completes and
-- chooses actions by its own client, in a folder with a.yaml and base.yaml. Ends with status 1 where something is missing.

local function tell(text) io.stdout:write(text .. "\n") end

local function need(what, holds)
  if not holds then error(what, 2) end
end

local function wait(what, holds)
  if not vim.wait(15000, holds, 10) then error("waited in vain: " .. what, 2) end
end

local function codes(buffer)
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(buffer)) do
    local code = one.code or one.user_data and one.user_data.lsp and one.user_data.lsp.code
    found[#found + 1] = string.format("%s %d:%d", code, one.lnum, one.col)
  end
  table.sort(found)
  return table.concat(found, ", ")
end

local function has(buffer, code) return codes(buffer):find(code, 1, true) ~= nil end

local function keys(text)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(text, true, false, true), "tx", false)
end

local function run()
  local env = vim.env
  local messages = {}
  local client = vim.lsp.start_client({
    name = "moonlight",
    cmd = { env.PYTHON, env.TEE, env.LOG, env.MOONLIGHT, "lsp" },
    root_dir = vim.fn.getcwd(),
    flags = { debounce_text_changes = 20, allow_incremental_sync = true },
    on_error = function(code, err) messages[#messages + 1] = code .. " " .. vim.inspect(err) end,
  })
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo.filetype = "yaml"
  vim.bo.expandtab = true
  vim.lsp.buf_attach_client(buffer, client)
  wait("findings of the file", function() return has(buffer, "TRAIN-04") and has(buffer, "EVAL-02") end)

  -- Typed, with characters of every width before and behind, then undone.
  keys("3G$r7")
  wait("TRAIN-04 to go", function() return not has(buffer, "TRAIN-04") end)
  keys("ggO# 𝄞漢é first<Esc>4G$a # é<Esc>")
  wait("EVAL-02 one line below", function() return has(buffer, "EVAL-02 5:17") end)
  keys("uuu")
  wait("everything as it was", function() return has(buffer, "TRAIN-04 2:8") and has(buffer, "EVAL-02 4:17") end)

  local function ask(method, line, column, more)
    vim.api.nvim_win_set_cursor(0, { line + 1, column })
    local params = vim.lsp.util.make_position_params(0, "utf-16")
    for name, value in pairs(more or {}) do params[name] = value end
    local answers = vim.lsp.buf_request_sync(buffer, method, params, 15000)
    local answer = answers and answers[client]
    need(method .. ": " .. vim.inspect(answer), answer and not answer.error and not answer.err)
    return answer.result
  end

  local hover = ask("textDocument/hover", 2, 4)
  need("hover tells of the field", hover.contents.value:find("rng.seed", 1, true))
  local lines = vim.lsp.util.convert_input_to_markdown_lines(hover.contents)
  need("hover is Markdown that Neovim shows", #lines > 3)

  -- The base is a jump away, and so is what it says of a field.
  vim.api.nvim_win_set_cursor(0, { 3, 4 })
  vim.lsp.buf.definition()
  wait("the base in the window", function() return vim.api.nvim_buf_get_name(0):match("base%.yaml$") ~= nil end)
  need("at the field", vim.api.nvim_win_get_cursor(0)[1] == 5)
  vim.cmd("buffer " .. buffer)

  local items = ask("textDocument/completion", 2, 2)
  local matches = vim.lsp.util.text_document_completion_list_to_complete_items(items, "")
  need("completion: " .. #matches, #matches > 3)
  vim.lsp.buf.document_symbol()
  wait("symbols in the list", function() return #vim.fn.getqflist() + #vim.fn.getloclist(0) > 5 end)
  vim.cmd("cclose | lclose")
  vim.cmd("buffer " .. buffer)

  -- The first action on the line of the misspelt key mends it.
  local chosen
  vim.ui.select = function(choices, options, choose)
    chosen = choices
    choose(choices[1], 1)
  end
  vim.api.nvim_win_set_cursor(0, { 8, 0 })
  vim.lsp.buf.code_action()
  wait("the key is mended", function() return vim.api.nvim_buf_get_lines(buffer, 7, 8, true)[1] == "  sequence_parallel: true" end)
  wait("its finding is gone", function() return not has(buffer, "FIELD-01") end)

  -- With a seed, random edits: what is found is what is found in the same text opened anew.
  local seed = tonumber(env.SEED or "")
  local rounds = seed and 12 or 0
  math.randomseed(seed or 0)
  local pieces = { "é", "𝄞", "漢", "  ", "# ", "a", "7", ": ", "seed: 0", "rng:", "eval_iters: -1", "" }
  local texts, edits = 0, 0
  for round = 1, rounds do
    for _ = 1, 8 do
      local count = vim.api.nvim_buf_line_count(buffer)
      local row = math.random(0, count - 1)
      local line = vim.api.nvim_buf_get_lines(buffer, row, row + 1, true)[1]
      local kind = math.random(5)
      if kind == 1 then
        vim.api.nvim_buf_set_lines(buffer, row, row + 1, true, {})
      elseif kind == 2 then
        vim.api.nvim_buf_set_lines(buffer, row, row, true, { "validation:", "  eval_iters: -1 # é𝄞" })
      elseif kind == 3 then
        vim.cmd("silent! undo")
      else
        local from = vim.str_byteindex(line, math.random(0, vim.str_utfindex(line)))
        local to = math.max(from, math.min(#line, vim.str_byteindex(line, math.random(0, vim.str_utfindex(line)))))
        vim.api.nvim_buf_set_text(buffer, row, from, row, to, { pieces[math.random(#pieces)] })
      end
      edits = edits + 1
    end
    local before = vim.api.nvim_buf_get_changedtick(buffer)
    vim.wait(200, function() return false end)
    local name = string.format("copy%d.yaml", round)
    local copy = vim.fn.bufadd(name)
    vim.fn.bufload(copy)
    vim.api.nvim_buf_set_lines(copy, 0, -1, true, vim.api.nvim_buf_get_lines(buffer, 0, -1, true))
    vim.bo[copy].fileformat = vim.bo[buffer].fileformat
    vim.lsp.buf_attach_client(copy, client)
    vim.wait(200, function() return false end)
    local fresh, edited = codes(copy), codes(buffer)
    -- A half-written text keeps what kind of file it was, which a fresh one has not been.
    if fresh ~= "" and fresh ~= edited then
      wait("the same findings in both:\n" .. edited .. "\n" .. fresh, function() return codes(copy) == codes(buffer) end)
    end
    vim.lsp.buf_detach_client(copy, client)
    texts = texts + 1
    need("nothing changed meanwhile", before == vim.api.nvim_buf_get_changedtick(buffer))
  end

  need("no error of the client: " .. table.concat(messages, "; "), #messages == 0)
  vim.lsp.stop_client(client)
  wait("the server ends when it is told to", function() return vim.lsp.client_is_stopped(client) end)
  local version = vim.version()
  tell(string.format("Neovim %d.%d.%d, %d texts of %d edits", version.major, version.minor, version.patch, texts, edits))
end

vim.schedule(function()
  local done, reason = xpcall(run, debug.traceback)
  if not done then tell(reason) end
  vim.cmd(done and "qall!" or "cquit 1")
end)
